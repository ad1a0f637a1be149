"""Settings: where they come from, and what is said of wrong ones."""

import base64
from pathlib import Path

import pytest

from im.environment import BrokenLinesError, read_lines
from im.refusal import StartRefusedError
from im.settings import KEYS, SECRETS, load, read
from im.values import Database

_EXAMPLE = Path(__file__).parents[2] / ".env.example"
_KEY = base64.b64encode(bytes(32)).decode()


def test_nothing_set_gives_the_embedded_databases() -> None:
    settings = read({})
    assert settings.db_type is Database.SQLITE
    assert settings.db_path == Path(".watchpane/watchpane.db")
    assert not settings.redis_url
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)


def test_the_database_file_follows_the_data_folder() -> None:
    assert read({"DATA_DIR": "/var/lib/wp"}).db_path == Path("/var/lib/wp/watchpane.db")
    assert read({"DATA_DIR": "/x", "DB_PATH": "/y.db"}).db_path == Path("/y.db")


def test_the_environment_wins_over_the_file() -> None:
    settings = read({"PORT": "9000"}, "PORT=7000\nDB_PORT=6000\n")
    assert (settings.port, settings.db_port) == (9000, 6000)


def test_an_empty_value_is_the_default() -> None:
    assert read({"PORT": ""}, "DB_PORT=\n").port == 8000


def test_all_wrong_values_are_told_at_once_by_name_with_what_is_allowed() -> None:
    wrong = {"PORT": "70000", "DB_TYPE": "oracle", "DEMO_SPEED": "nan", "REDIS_URL": "http://x"}
    with pytest.raises(StartRefusedError) as refused:
        read(wrong, "PROT=1\nWORKERS=many\n")
    assert str(refused.value).splitlines() == [
        ".env: PROT is not a setting (did you mean PORT?)",
        "DB_TYPE must be one of sqlite, postgres",
        "REDIS_URL must begin with redis://, rediss:// or unix://, or be empty",
        "PORT must be a whole number from 1 to 65535",
        "WORKERS must be a whole number from 1 to 64",
        "DEMO_SPEED must be a number from 0 to 1e+06",
    ]


@pytest.mark.parametrize(
    "wrong", ["k1", "k1:", "k1:AAAA", f"k 1:{_KEY}", f"k1:{_KEY},k1:{_KEY}", f"{_KEY}:k1"]
)
def test_a_wrong_credential_key_is_refused_and_not_shown(wrong: str) -> None:
    with pytest.raises(StartRefusedError, match="CREDENTIAL_KEYS must") as refused:
        read({"CREDENTIAL_KEYS": wrong})
    assert wrong not in str(refused.value)


def test_a_collector_is_named_by_its_address() -> None:
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318/", "TRACE_FILE": "/t.jsonl"}
    settings = read(given)
    assert settings.otel_exporter_otlp_endpoint == "http://127.0.0.1:4318"
    assert settings.trace_file == Path("/t.jsonl")
    assert read({}).trace_file is None
    for wrong in ("127.0.0.1:4318", "grpc://h:4317", "http://u:p@h", "http://h?x=1"):
        with pytest.raises(StartRefusedError, match="OTEL_EXPORTER_OTLP_ENDPOINT must be such as"):
            read({"OTEL_EXPORTER_OTLP_ENDPOINT": wrong})


def test_an_address_that_gives_access_by_itself_travels_by_tls() -> None:
    for good in ("https://hooks.example.com/a/b", "http://127.0.0.1:9/a", "http://localhost/a"):
        assert read({"SLACK_WEBHOOK_URL": good}).slack_webhook_url.reveal() == good
    for wrong in (
        "http://hooks.example.com/a",
        "http://127.0.0.1.evil.example/a",
        "hooks",
        "https:",
    ):
        with pytest.raises(StartRefusedError, match="SLACK_WEBHOOK_URL must begin") as refused:
            read({"SLACK_WEBHOOK_URL": wrong})
        assert "evil" not in str(refused.value)


def test_people_find_us_at_an_address_without_a_slash_at_its_end() -> None:
    assert read({"PUBLIC_URL": "https://wp.example.com/"}).public_url == "https://wp.example.com"
    for wrong in ("wp.example.com", "https://u:p@wp.example.com", "https://wp.example.com/?a"):
        with pytest.raises(StartRefusedError, match="PUBLIC_URL must be such as"):
            read({"PUBLIC_URL": wrong})


def test_the_first_credential_key_comes_first() -> None:
    keys = read({"CREDENTIAL_KEYS": f"new:{_KEY}, old:{_KEY}"}).credential_keys
    assert [(key.id, len(key.key)) for key in keys] == [("new", 32), ("old", 32)]


def test_no_secret_shows_in_the_printed_settings() -> None:
    secrets = {
        "DB_PASSWORD": "canary-1",
        "REDIS_URL": "redis://:canary-2@h",
        "CREDENTIAL_KEYS": f"k1:{_KEY}",
        "SLACK_WEBHOOK_URL": "https://canary-3/services/T0",
        "ALERT_WEBHOOK_URL": "http://canary-4",
        "ALERT_WEBHOOK_SECRET": "canary-5",
        "SMTP_URL": "smtp://canary-6@h",
        "ALERT_EMAIL_FROM": "canary-7@h",
        "ALERT_EMAIL_TO": "canary-8@h",
    }
    settings = read(secrets)
    assert settings.db_password.reveal() == "canary-1"
    assert "canary" not in f"{settings} {settings.db_password} {[settings.redis_url]}"
    assert repr(bytes(32)) not in repr(settings)


@pytest.mark.parametrize("secret", SECRETS)
def test_each_secret_can_come_from_a_file(secret: str, tmp_path: Path) -> None:
    forms = {"CREDENTIAL_KEYS": f"k1:{_KEY}", "REDIS_URL": "redis://h"}
    content = forms.get(secret, "https://h/x" if secret.endswith("_WEBHOOK_URL") else "pw")
    file = tmp_path / "secret"
    file.write_text(f"{content}\n")
    from_file = read({f"{secret}_FILE": str(file)})
    assert from_file == read({secret: content})
    with pytest.raises(StartRefusedError, match="both set"):
        read({f"{secret}_FILE": str(file), secret: content})
    with pytest.raises(StartRefusedError, match=f"{secret}_FILE names a file"):
        read({f"{secret}_FILE": str(tmp_path / "absent")})


def test_lines_are_plain_quoted_or_comments() -> None:
    text = '# c\n\nA=1\nexport B = two words # c\nC=\'x # y\'\nD="q\\"u"\nE=\nF= # c\nG=a#b=c\n'
    assert read_lines(text) == {
        "A": "1",
        "B": "two words",
        "C": "x # y",
        "D": 'q"u',
        "E": "",
        "F": "",
        "G": "a#b=c",
    }


@pytest.mark.parametrize("line", ["DB_PASSWORD canary", "A='canary", "1=canary", "A='x'canary"])
def test_a_broken_line_is_told_by_its_number_without_its_text(line: str) -> None:
    with pytest.raises(BrokenLinesError) as broken:
        read_lines(f"OK=1\n{line}\n")
    assert broken.value.faults == ("line 2 is not KEY=VALUE",)


def test_a_key_set_twice_is_a_fault() -> None:
    with pytest.raises(BrokenLinesError, match="line 2 sets A a second time"):
        read_lines("A=1\nA=2\n")


def test_the_example_names_exactly_the_settings_and_their_defaults() -> None:
    text = _EXAMPLE.read_text(encoding="utf-8")
    assert sorted(read_lines(text)) == sorted(KEYS)
    assert read({}, text) == read({})


def test_the_example_loads_when_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in (*KEYS, *(f"{secret}_FILE" for secret in SECRETS)):
        monkeypatch.delenv(key, raising=False)
    (tmp_path / ".env").write_bytes(_EXAMPLE.read_bytes())
    assert load(tmp_path) == read({})
