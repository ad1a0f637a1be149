"""The command ``im``. Heavy imports stand inside commands."""

import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Final

import typer

from im import origin
from im.client import tickets
from im.client.failure import CommandError
from im.refusal import StartRefusedError

app: Final = typer.Typer(
    name="im",
    help="Watchpane: one graph over incidents, changes, events, tickets and integrations.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


sla: Final = typer.Typer(help="Look at a file of service levels, or seal it.", no_args_is_help=True)
app.add_typer(sla, name="sla")
app.add_typer(tickets.app, name="ticket")
PolicyPath = Annotated[Path, typer.Argument(help="The file, such as sla_config.yaml.")]


def main() -> None:
    """Check what is installed, then run the command.

    A refused start, or a question that cannot be asked, is told in lines without a traceback.
    """
    try:
        origin.check()
        app()
    except StartRefusedError as refused:
        for line in str(refused).splitlines():
            print(f"watchpane: {line}", file=sys.stderr)
        sys.exit(refused.exit_code)
    except CommandError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        sys.exit(error.exit_code)


@app.command()
def run(
    *,
    demo: Annotated[bool, typer.Option(help="With simulated vendors.")] = False,
    with_parent: Annotated[
        bool, typer.Option(help="End with the process that started it.")
    ] = False,
) -> None:
    """Start everything on this machine, and restart what dies."""
    from im.processes.run import run as run_all
    from im.settings import load

    try:
        _complete(run_all(load(), demo=demo, with_parent=with_parent))
    except StartRefusedError as refused:
        # To the shell of a person every refusal is a plain failure.
        raise StartRefusedError(str(refused), exit_code=1) from None


@app.command()
def serve(
    *, fd: Annotated[int | None, typer.Option(help="A listening socket, handed on.")] = None
) -> None:
    """Run the API: graph, web pane and webhooks."""
    from im.processes.serve import serve as serve_api
    from im.settings import load

    _complete(serve_api(load(), descriptor=fd), is_fast=True)


@app.command()
def work() -> None:
    """Run a worker: syncs, deliveries and SLA clocks."""
    from im.processes.work import work as work_on
    from im.settings import load

    _complete(work_on(load()), is_fast=True)


app.command("worker", hidden=True, help="The same as work.")(work)


@app.command()
def migrate() -> None:
    """Bring the database up to this version."""
    from im.processes.migrate import migrate as migrate_database
    from im.settings import load

    _complete(migrate_database(load()))


@app.command()
def token(
    name: Annotated[str, typer.Argument(help="Whom it is for; shown in logs and history.")],
) -> None:
    """Print a new administrator's token, straight from the database."""
    from im.processes.token import token as issue
    from im.settings import load

    _complete(issue(load(), name=name))


@sla.command()
def check(file: PolicyPath) -> None:
    """Say which version a file means, or the place of its first fault."""
    from im.processes.sla import check as check_file

    check_file(file)


@sla.command()
def seal(file: PolicyPath) -> None:
    """Write the hash of all above it into a file's last line."""
    from im.processes.sla import seal as seal_file

    seal_file(file)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def simulate(context: typer.Context) -> None:
    """Run a simulated vendor, such as servicenow; its own --help names its options."""
    from im.processes.simulate import simulate as become

    become(context.args)


@app.command()
def schema() -> None:
    """Print the schema of the graph."""
    from gql.schema import sdl

    sys.stdout.write(sdl())


@app.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    print(installed("watchpane"))


def _complete(work_to_do: Coroutine[object, object, None], *, is_fast: bool = False) -> None:
    """Run to the end; ``is_fast`` on uvloop."""
    import asyncio

    if not is_fast:
        asyncio.run(work_to_do)
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work_to_do)


if __name__ == "__main__":
    main()
