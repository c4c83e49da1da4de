"""`rumstream site`: add a site, list them, change a key, name a user's hash."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from rumstream.command import KAFKA_AT, said_clearly, settings_for
from rumstream.settings import variable

site: Final = typer.Typer(no_args_is_help=True, help="The sites file: who may send beacons.")

SiteId = Annotated[str, typer.Argument(help="The site's id, as in every row; it never changes.", metavar="SITE")]


@site.command("add")
def add(
    site_id: SiteId,
    origin: Annotated[
        list[str] | None, typer.Option(help="A page's https://host, or https://*.host; may be repeated.")
    ] = None,
) -> None:
    """Add a site, and show its key, this once. Without --origin only clients that are no browser pages may send."""
    path = _path()
    from ingest.sites_file import SitesError
    from rumstream.operate.sites_edit import add_site, new_key

    key = new_key()
    with said_clearly(SitesError):
        add_site(path, site_id, key, origin or [])
    typer.echo(f"added to {path}; collectors that use this file take it over by themselves")
    typer.echo(f"key: {key}")


@site.command("list")
def list_sites() -> None:
    """Show the sites, their keys masked."""
    path = _path()
    from ingest.sites_file import SitesError, read_sites
    from rumstream.operate.sites_edit import masked

    with said_clearly(SitesError):
        sites = read_sites(path)
    for site_id, rules in sites.items():
        keys = ", ".join(masked(key) for key in rules.keys)
        typer.echo(f"{site_id}: keys {keys}; origins {', '.join(rules.origins) or 'none (no browser pages)'}")
    if not sites:
        typer.echo("no sites: `rumstream site add` makes one")


@site.command("rotate-key")
def rotate(
    site_id: SiteId,
    end_grace: Annotated[bool, typer.Option("--end-grace", help="Remove all keys but the newest.")] = False,
) -> None:
    """Give a site a new key, shown this once. The others stay good until --end-grace removes them."""
    path = _path()
    from ingest.sites_file import SitesError
    from rumstream.operate.sites_edit import new_key, rotate_key

    key = new_key()
    with said_clearly(SitesError):
        left = rotate_key(path, site_id, key, end_grace)
    if end_grace:
        typer.echo("only the newest key is good now")
        return
    typer.echo(f"key: {key}")
    if left > 1:
        typer.echo(f"{left - 1} earlier: good until `rumstream site rotate-key {site_id} --end-grace`")


@site.command("user-hash")
def user_hash(site_id: SiteId) -> None:
    """Show under which hash a user is kept, to find or to erase the rows (docs/privacy.md). Asks for the user id."""
    settings = settings_for("site")
    from aiokafka.errors import KafkaError

    from ingest.salt_topic import read_salts
    from ingest.site_rules import salt_of
    from ingest.sites_file import SitesError, read_sites
    from ingest.visitors import user_hash as hashed

    with said_clearly(SitesError):
        rules = read_sites(settings.sites).get(site_id) if settings.sites else None
    salt = salt_of(rules) if rules else None
    if salt is None:
        with said_clearly(KafkaError, hint=KAFKA_AT, code=1):
            salt = asyncio.run(read_salts(settings.bootstrap)).of_site(site_id)
    if salt is None:
        typer.echo(f"site {site_id!r} has no salt: no collector has known it yet, so no user of it is kept", err=True)
        sys.exit(1)
    typer.echo(hashed(salt, typer.prompt("user id", err=True)))


def _path() -> Path:
    path = settings_for("site").sites
    if path is None:
        typer.echo(f"which file? {variable('sites')}=sites.yaml, here and for the collectors", err=True)
        sys.exit(2)
    return path
