"""The command `cockpit`: finds the sub-command and imports only that one."""

from importlib import import_module

import click

from cockpit import __version__

# One line a command: where it is, and the line that help shows (so that help imports none of them).
COMMANDS = {
    "open": ("cockpit.cli.open_cockpit:command", "Open the cockpit on a configured environment (the default)."),
    "demo": ("cockpit.cli.demo:command", "Open the cockpit on a simulated outage."),
    "status": ("cockpit.cli.status:command", "Print alarms, deployments and restores once; read-only."),
    "plans": ("cockpit.cli.plans:command", "List, show and check recovery plans."),
    "run": ("cockpit.cli.run:command", "Run a plan in plain lines, without the full screen."),
    "runs": ("cockpit.cli.runs:command", "List, show, verify and resume runs."),
    "sim": ("cockpit.cli.sim:command", "Start the simulated AWS on 127.0.0.1."),
    "scenarios": ("cockpit.cli.scenarios:command", "List the scenarios of the simulated AWS."),
}


class LazyCommands(click.Group):
    """A group that imports a sub-command only when it is used: the start-up budget (DESIGN 11)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they are written above."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the sub-command; None if there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module_name, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module_name), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=LazyCommands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cockpit")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Incident cockpit: live AWS state, recovery plans step by step, data loss and status text always in view."""
    if ctx.invoked_subcommand is None:
        command = main.get_command(ctx, "open")
        if command is not None:
            ctx.invoke(command)
