"""The sites file: YAML to rules, each mistake said with its file, line and field."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from ingest.origins import pattern_of
from schemas.event import Kind

BYTES_MAX: Final = 8 * 1024 * 1024
_FIELDS: Final = 'docs/collector.md, "The sites file", lists the fields'
_KEY: Final = "a key is 8 to 128 letters, digits, `.`, `_`, `~` and `-`; `rumstream site rotate-key` makes one"

Rate = Annotated[float, Meta(gt=0, le=1)]
PerSecond = Annotated[float, Meta(gt=0, le=1e9)]
Burst = Annotated[int, Meta(ge=1, le=10**9)]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~-]{8,128}\Z")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]


class QuotaRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the whole site, over all collectors; an absent one is no limit."""

    beacons_per_s: PerSecond | None = None
    beacons_burst: Burst | None = None
    events_per_s: PerSecond | None = None
    events_burst: Burst | None = None


class AttrRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names of attributes: only those of ``allow``, and none of ``deny``."""

    allow: list[Name] | None = None
    deny: list[Name] = []


class SiteRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One site as it is written."""

    keys: Annotated[list[Key], Meta(min_length=1, max_length=16)]
    origins: list[str] = []
    quota: QuotaRules = QuotaRules()
    sample_rate: Rate | None = None
    assumed_rates: dict[Kind, Rate] = {}
    query_parameters: Annotated[list[Name], Meta(max_length=64)] = []
    environment: Annotated[str, Meta(max_length=128)] = ""
    environments: list[Name] | None = None
    other_environment: Name = "other"
    releases: list[Name] | None = None
    other_release: Name = "other"
    salt: Annotated[str, Meta(min_length=32, max_length=1024)] | None = None
    tracking_signals: Literal["off", "drop", "anonymous"] = "off"
    attrs: AttrRules = AttrRules()


@dataclass
class SitesError(Exception):
    """A sites file that cannot be used: where, what, and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        """One sentence for the operator."""
        return f"{self.where}: {self.what}"


def read_sites(path: Path) -> dict[str, SiteRules]:
    """The rules of each site id.

    Raises:
        SitesError: the file is not there, not YAML, or says something that cannot be.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
        text = raw.decode("utf-8")
    except FileNotFoundError as error:
        what = "there is no such file: `rumstream site add` makes one (RUMSTREAM_SITES says where)"
        raise SitesError(str(path), what) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SitesError(str(path), f"cannot be read ({error})") from error
    if len(raw) > BYTES_MAX:
        raise SitesError(str(path), f"is larger than {BYTES_MAX} bytes")
    return parse_sites(text, str(path))


def parse_sites(text: str, name: str) -> dict[str, SiteRules]:
    """The same of a text; ``name`` is said in errors.

    Raises:
        SitesError: see `read_sites`.
    """
    told = _Told(text, name)
    if not isinstance(told.value, dict) or set(told.value) != {"sites"} or not isinstance(told.value["sites"], dict):
        raise told.error((), "must have the one field `sites`, with a site's id and its rules in each of its fields")
    sites: dict[str, SiteRules] = {}
    owners: dict[str, str] = {}
    for site_id, rules in told.value["sites"].items():
        place = ("sites", site_id)
        told.convert(site_id, Id, place, "an id is letters, digits, `.`, `_` and `-`, at most 64; numbers in quotes")
        sites[site_id] = made = told.convert(rules, SiteRules, place, _FIELDS)
        for number, origin in enumerate(made.origins):
            try:
                pattern_of(origin)
            except ValueError as error:
                raise told.error((*place, "origins", number), str(error)) from error
        for number, key in enumerate(made.keys):
            owner = owners.setdefault(key, site_id)
            if owner != site_id or made.keys.index(key) != number:
                what = f"is a key of site {owner} already: each key belongs to one site, once"
                raise told.error((*place, "keys", number), what)
    return sites


Step = str | int
T = TypeVar("T")


class _Told:
    """A YAML text as plain values; lines are looked for when something is wrong."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name
        try:
            self.value = YAML(typ="safe", pure=True).load(StringIO(text))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = name if mark is None else f"{name}:{mark.line + 1}"
            what = (error.problem or error.context or "").partition(" with value ")[0]  # values can be secret
            raise SitesError(where, f"is not YAML: {what}") from error
        except (YAMLError, ValueError, RecursionError) as error:
            raise SitesError(name, f"is not YAML: {' '.join(str(error).split())[:200]}") from error

    def convert(self, value: Any, kind: type[T], place: tuple[Step, ...], hint: str) -> T:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            what, _, path = str(error).partition(" - at `")
            what, hint = (_KEY, _FIELDS) if "matching regex" in what and kind is SiteRules else (what, hint)
            quotes = "put it in quotes; " if what.startswith("Expected `str`, got `") else ""
            inner = _steps(path.rpartition("$")[2].rstrip("`"), what)
            raise self.error((*place, *inner), f"{what} ({quotes}{hint})") from error

    def error(self, place: tuple[Step, ...], what: str) -> SitesError:
        node: Node | None = YAML(typ="safe", pure=True).compose(StringIO(self._text)) if self._text.strip() else None
        line = node.start_mark.line if node is not None else 0
        for step in place:
            found = _inner(node, step)
            if found is None:
                break
            line, node = found
        field = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
        return SitesError(f"{self._name}:{line + 1}", f"{field}: {what}" if field else what)


def _inner(node: Node | None, step: Step) -> tuple[int, Node] | None:
    """The line where a member begins, and the member."""
    if isinstance(node, SequenceNode) and isinstance(step, int):
        return (node.value[step].start_mark.line, node.value[step]) if step < len(node.value) else None
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line, value
    return None


def _steps(path: str, what: str) -> list[Step]:
    """msgspec's `$.quota.beacons_per_s` or `$.keys[0]` as steps; of an unknown field its own name."""
    steps: list[Step] = []
    for part in path.replace("[...]", "").replace("[", ".[").split("."):
        if part.startswith("[") and part[1:-1].isdigit():
            steps.append(int(part[1:-1]))
        elif part and not part.startswith("["):
            steps.append(part)
    if "unknown field" in what:
        steps.append(what.split("`")[1])
    return steps


def rates_of(sites: Mapping[str, SiteRules]) -> dict[str, float]:
    """The share of sessions whose raw events are kept, of the sites that say so: for the processors."""
    return {site_id: rules.sample_rate for site_id, rules in sites.items() if rules.sample_rate is not None}
