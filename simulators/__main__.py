"""``python -m simulators servicenow``, ``pagerduty``, ``jira``, ``slack``, or ``demo`` for all."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from simulators.demo.help_desk import HelpDesk
from simulators.demo.instance import Demo, Secrets
from simulators.jira.instance import Jira
from simulators.jira.login import Account as JiraAccount
from simulators.jira.past import Past
from simulators.pagerduty.history import History
from simulators.pagerduty.instance import PagerDuty
from simulators.pagerduty.login import OWNER
from simulators.pagerduty.login import Account as PagerDutyAccount
from simulators.servicenow.instance import ServiceNow
from simulators.servicenow.login import Account
from simulators.servicenow.replay import MAX, Plan
from simulators.serving import listen, now, serve, serve_all
from simulators.slack.instance import Slack

cli = typer.Typer(add_completion=False, no_args_is_help=True)


def _pace(text: str) -> float:
    return MAX if text == "max" else float(text)


Port = Annotated[int, typer.Option(help="0 takes a free one.")]
Store = Annotated[
    Path | None, typer.Option(help="Keep everything in this file, and go on with it.")
]
Folder = Annotated[Path | None, typer.Option(help="Keep all in this folder, and go on with it.")]
Ready = Annotated[
    Path | None, typer.Option(help="Send tickets to the product that this ready file tells of.")
]
Speed = Annotated[float, typer.Option(parser=_pace, help="Log seconds a second, or max.")]
Rows = Annotated[int, typer.Option(help="Rows of the log, from its start; 0 is all.")]
Share = Annotated[float, typer.Option(help="Share of them loaded at the start.")]
Address = Annotated[str, typer.Option(help="Where it is to tell what happens; nobody if empty.")]
DieWithStdin = Annotated[bool, typer.Option(help="End when stdin closes.")]


@cli.callback()
def simulators() -> None:
    """Run vendors that behave as the real ones do."""


@cli.command()
def servicenow(  # noqa: PLR0913 — each is an option of the command line
    *,
    port: Port = 0,
    host: str = "127.0.0.1",
    speed: Speed = 0,
    rows: Rows = 5_998,
    history: Share = 0.9,
    copies: Annotated[int, typer.Option(help="How often the log is repeated.")] = 1,
    world: Annotated[
        bool, typer.Option("--world/--bare", help="Services, changes, alerts and cases too.")
    ] = True,
    user: str = "admin",
    password: Annotated[str, typer.Option(help="Generated when empty.")] = "",
    store: Store = None,
    die_with_stdin: DieWithStdin = False,
) -> None:
    """Run a ServiceNow instance that replays a recorded incident log."""
    listener, url = listen(host, port)
    account = Account(user=user, password=password or secrets.token_urlsafe(12))
    instance = ServiceNow(
        now=now,
        account=account,
        plan=Plan(rows=rows, history=history, copies=copies, speed=speed, world=world),
        lowest_priority="4",
        store=store,
    )
    greeting = {
        "vendor": "servicenow",
        "url": url,
        "user": account.user,
        "password": account.password,
    }
    serve(instance.app, listener, greeting, die_with_stdin=die_with_stdin)


@cli.command()
def pagerduty(  # noqa: PLR0913 — each is an option of the command line
    *,
    port: Port = 0,
    host: str = "127.0.0.1",
    token: Annotated[str, typer.Option(help="API key; generated when empty.")] = "",
    sender: Annotated[str, typer.Option("--from", help="Owner's address.")] = OWNER,
    incidents: Annotated[int, typer.Option(help="A made-up past of so many.")] = 0,
    store: Store = None,
    die_with_stdin: DieWithStdin = False,
) -> None:
    """Run a PagerDuty account."""
    listener, url = listen(host, port)
    key = token or secrets.token_urlsafe(15)
    account = PagerDuty(now=now, account=PagerDutyAccount(token=key, email=sender), store=store)
    if not account.store.count("incident"):
        account.load(History(incidents=incidents))
    greeting = {"vendor": "pagerduty", "url": url, "token": key, "from": sender}
    serve(account.app, listener, greeting, die_with_stdin=die_with_stdin)


@cli.command()
def jira(  # noqa: PLR0913 — each is an option of the command line
    *,
    port: Port = 0,
    host: str = "127.0.0.1",
    email: str = "admin@example.com",
    token: Annotated[str, typer.Option(help="API token; generated when empty.")] = "",
    issues: Annotated[int, typer.Option(help="A made-up past of so many.")] = 0,
    store: Store = None,
    die_with_stdin: DieWithStdin = False,
) -> None:
    """Run a Jira Cloud site with a service desk."""
    listener, url = listen(host, port)
    account = JiraAccount(email=email, token=token or secrets.token_urlsafe(18))
    site = Jira(now=now, account=account, store=store, address=url)
    if issues and site.records.store.find("OPS-1") is None:
        Past(issues=issues).write(site)
    greeting = {"vendor": "jira", "url": url, "email": email, "token": account.token}
    serve(site.app, listener, greeting, die_with_stdin=die_with_stdin)


@cli.command()
def slack(
    *,
    port: Port = 0,
    host: str = "127.0.0.1",
    token: Annotated[str, typer.Option(help="Of the webhook; generated when empty.")] = "",
    die_with_stdin: DieWithStdin = False,
) -> None:
    """Run a Slack with one incoming webhook, and a page of what it has received."""
    listener, url = listen(host, port)
    workspace = Slack(now=now, token=token or secrets.token_urlsafe(18))
    greeting = {"vendor": "slack", "url": f"{url}{workspace.path}"}
    serve(workspace.app, listener, greeting, die_with_stdin=die_with_stdin)


@cli.command()
def demo(  # noqa: PLR0913 — each is an option of the command line
    *,
    host: str = "127.0.0.1",
    servicenow_port: Port = 0,
    jira_port: Port = 0,
    pagerduty_port: Port = 0,
    slack_port: Port = 0,
    password: Annotated[str, typer.Option(help="ServiceNow's; generated when empty.")] = "",
    jira_token: Annotated[str, typer.Option(help="Generated when empty.")] = "",
    pagerduty_token: Annotated[str, typer.Option(help="Generated when empty.")] = "",
    slack_token: Annotated[str, typer.Option(help="Generated when empty.")] = "",
    store_dir: Folder = None,
    speed: Speed = 0,
    rows: Rows = 5_998,
    history: Share = 0.9,
    servicenow_webhook: Address = "",
    jira_webhook: Address = "",
    pagerduty_webhook: Address = "",
    webhook_secret: Annotated[str, typer.Option(help="What signs them all.")] = "",
    tickets_to: Ready = None,
    die_with_stdin: DieWithStdin = False,
) -> None:
    """Run all three vendors of one company, whose records tell one story, and its Slack.

    With a product to send tickets to, its help desk too.
    """
    ports = (servicenow_port, jira_port, pagerduty_port, slack_port)
    sockets, urls = zip(*(listen(host, port) for port in ports), strict=True)
    workspace = Slack(now=now, token=slack_token or secrets.token_urlsafe(18))
    company = Demo(
        now=now,
        secrets=Secrets(
            servicenow=password or secrets.token_urlsafe(12),
            jira=jira_token or secrets.token_urlsafe(18),
            pagerduty=pagerduty_token or secrets.token_urlsafe(15),
        ),
        plan=Plan(rows=rows, history=history, speed=speed, world=True),
        folder=store_dir,
        jira_address=urls[1],
    )
    told = {"servicenow": servicenow_webhook, "jira": jira_webhook, "pagerduty": pagerduty_webhook}
    company.tell(told, webhook_secret, pagerduty_address=urls[2])
    greeting = company.greeting(*urls[:3])
    greeting["simulators"]["slack"] = {"url": f"{urls[3]}{workspace.path}"}
    # Where nothing moves by itself, nobody asks for help either.
    beside = [HelpDesk(ready=tickets_to, now=now).run()] if tickets_to and speed else []
    apps = (*company.apps, workspace.app)
    doors = list(zip(apps, sockets, strict=True))
    serve_all(doors, greeting, die_with_stdin=die_with_stdin, beside=beside)


if __name__ == "__main__":
    cli()
