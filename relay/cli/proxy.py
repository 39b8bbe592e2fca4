"""`relay proxy`: what a web server in front needs to be told, printed."""

import click

from relay.cli.units import FOLDER, filled

SOURCES = {"nginx": "nginx.conf", "caddy": "Caddyfile"}


@click.command("proxy", help="前に立つウェブサーバー（nginx または caddy）の設定を書き出します。")
@click.argument("kind", type=click.Choice(sorted(SOURCES)))
@click.argument("host")
def command(kind: str, host: str) -> None:
    """Print the configuration for this host name."""
    click.echo(filled(FOLDER / SOURCES[kind], host=host), nl=False)
