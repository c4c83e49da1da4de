"""What the parameters of a boomerang beacon become: one function a plugin, in one tuple."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ingest.formats.boomerang_errors import js_errors
from ingest.formats.boomerang_form import Form, base_36
from ingest.formats.boomerang_resources import resources
from ingest.formats.boomerang_told import HARD, REQUEST, RESTORED, Told
from ingest.refusal import Refusal
from ingest.routes import route_of
from schemas.drop_reasons import DropReason
from schemas.event import AttrValue, Event
from schemas.limits import EVENTS_PER_BEACON

_MB: Final = 2**20
_OWN_TIMERS: Final = ("boomerang", "boomr_")


def _view(told: Told) -> Iterator[Event]:
    """A page view, of a load that was given up too."""
    if not told.view_id and not told.url:
        return
    if told.load or told.abandoned:
        for event in told.event("view", "page_view", None, "pid", told.begun):
            event.metric_id = f"view:{told.view_id}" if told.view_id else ""
            if told.form.get("r"):
                event.attrs["referrer"] = _bare(told.form["r"])
            yield event


def _navigation(told: Told) -> Iterator[Event]:
    """rt and navtiming: the load, with its phases as attributes."""
    form = told.form
    if not told.load or "t_done" not in form:
        return
    for event in told.measured("navigation", told.initiator or "load", "t_done", told.view_id):
        phases = {
            "redirect": form.span("nt_red_st", "nt_red_end"),
            "dns": form.span("nt_dns_st", "nt_dns_end"),
            "connect": form.span("nt_con_st", "nt_con_end"),
            "tls": form.span("nt_ssl_st", "nt_con_end"),
            "request": form.span("nt_req_st", "nt_res_st"),
            "response": form.span("nt_res_st", "nt_res_end"),
            "dom_interactive": form.span("nt_nav_st", "nt_domint"),
            "dom_content_loaded": form.span("nt_nav_st", "nt_domcontloaded_end"),
            "dom_complete": form.span("nt_nav_st", "nt_domcomp"),
            "load_end": form.span("nt_nav_st", "nt_load_end"),
            "back_end": form.number("t_resp"),
            "front_end": form.number("t_page"),
            "transferred": form.number("nt_trn_size"),
            "session_pages": form.number("rt.sl"),
        }
        known: dict[str, AttrValue] = {name: value for name, value in phases.items() if value is not None}
        texts = {"protocol": form.get("nt_protocol", ""), "start": form.get("rt.start", "")}
        event.attrs = known | {name: text for name, text in texts.items() if text}
        yield event


def _vitals(told: Told) -> Iterator[Event]:
    """painttiming, eventtiming and navtiming. `et.inp` is final, and there, only when the page unloads."""
    page = told.view_id
    yield from told.measured("vital", "LCP", "pt.lcp", page, element="pt.lcp.e", url="pt.lcp.src")
    yield from told.measured("vital", "FCP", "pt.fcp", page)
    yield from told.measured("vital", "FID", "et.fid" if "et.fid" in told.form else "c.fid", page)
    if told.leaves:
        yield from told.measured("vital", "INP", "et.inp", page, element="et.inp.e")
    yield from told.measured("custom", "first_paint", "pt.fp", page)
    if told.initiator == RESTORED:
        yield from told.measured("vital", "TTFB", "t_resp", page)
    elif told.initiator in ("", HARD):
        waited = told.form.span("nt_nav_st", "nt_res_st")
        if waited is not None:
            ahead = told.form.span("nt_nav_st", "nt_act_st") or 0  # prerendered: counted from when it was shown
            for event in told.event("vital", "TTFB", max(waited - ahead, 0), "nt_res_st", told.ended):
                event.metric_id = page
                yield event


def _layout_shift(told: Told) -> Iterator[Event]:
    """continuity's `c.cls` is what came since the beacon before: the parts of a page add up (docs/decisions/0004).

    Early and custom beacons do not begin a new part. A part of 0 adds nothing, and is told once, by the load.
    """
    goes_on = told.early or told.initiator.startswith("api_custom_")
    nothing = told.form.number("c.cls") == 0 and not (told.load or told.abandoned)
    if goes_on or nothing:
        return
    page = told.form.get("pid", "")
    for event in told.measured("vital", "CLS", "c.cls", page, element="c.cls.topid"):
        event.view_id = page  # of a soft navigation too: a measurement is remembered with its view
        event.adds = bool(page)
        yield event


def _timers(told: Told) -> Iterator[Event]:
    """continuity's and the page's own timers."""
    if told.early:
        return
    yield from told.measured("custom", "time_to_interactive", "c.tti", told.view_id)
    yield from told.measured("custom", "time_to_first_interaction", "c.ttfi", told.view_id)
    others = told.form.get("t_other", "").split(",")[:EVENTS_PER_BEACON]
    for timer in others if told.load or told.initiator else ():
        name, _, value = timer.partition("|")
        number = Form(t=value).number("t")
        if name and number is not None and not name.startswith(_OWN_TIMERS):
            yield from told.event("custom", name, number, "t_other", told.ended)


def _long_tasks(told: Told) -> Iterator[Event]:
    """continuity's `c.lt`: `s` start after navigationStart and `d` duration, in base 36 ms."""
    tasks = None if told.early else told.listed("c.lt")
    for number, task in enumerate(tasks if isinstance(tasks, list) else ()):
        place = f"c.lt[{number}]"
        duration = base_36(_code(task.get("d"))) if isinstance(task, dict) else None
        if duration is None or not isinstance(task, dict):
            told.refuse(DropReason.EVENT_MALFORMED, f"{place} is no long task", place)
            continue
        start = base_36(_code(task.get("s")))
        at = told.page_start + start if told.page_start and start is not None else told.ended
        yield from told.event("longtask", "", duration, place, at)


def _memory(told: Told) -> Iterator[Event]:
    used, limit = told.form.number("mem.used"), told.form.number("mem.limit")
    if used is None or told.early:
        return
    for event in told.event("memory", "usedMemoryMB", used / _MB, "mem.used", told.ended):
        if limit is not None:
            event.attrs["limitMB"] = limit / _MB
        yield event


def _requests(told: Told) -> Iterator[Event]:
    """auto-xhr: one request. `http.errno` is its status where that is 400 or more, negative where it had none."""
    if told.initiator != REQUEST or told.leaves:
        return
    form = told.form
    for event in told.event("request", route_of(form.get("u", "")), form.number("t_done"), "t_done", told.begun):
        event.url = form.get("u", "")
        status = form.number("http.errno") or 0
        event.status = int(status) if 0 < status <= 999 else 0
        if status < 0:
            event.attrs["failure"] = int(status)
        if form.get("http.method"):
            event.attrs["method"] = form["http.method"]
        yield event


def _errors(told: Told) -> Iterator[Event]:
    found = told.listed("err")
    for error in js_errors(found, told.url) if found is not None else ():
        if isinstance(error, Refusal):
            told.refuse(error.reason, error.detail, "err")
            continue
        for event in told.event("error", error.type, None, "err", error.at or told.ended):
            event.attrs = error.attrs
            yield event


def _resources(told: Told) -> Iterator[Event]:
    found = told.listed("restiming")
    for resource in resources(found) if found is not None else ():
        if isinstance(resource, Refusal):
            told.refuse(resource.reason, resource.detail, "restiming")
            continue
        at = told.page_start + resource.start if told.page_start else told.ended
        for event in told.event("resource", resource.initiator, float(resource.duration), "restiming", at):
            event.url = resource.url
            known = {"size": resource.transferred, "first_byte": resource.first_byte or None}
            event.attrs = {name: value for name, value in known.items() if value is not None}
            if resource.protocol:
                event.attrs["protocol"] = resource.protocol
            yield event


def _actions(told: Told) -> Iterator[Event]:
    """Beacons of clicks, of interactions after the load, and the page's end."""
    if told.leaves:
        for event in told.event("visibility", "hidden", None, "rt.quit"):
            if told.form.get("nu"):
                event.attrs["next"] = _bare(told.form["nu"])
            yield event
    elif told.initiator in ("click", "interaction"):
        yield from told.event("action", told.initiator, None, "http.initiator", told.ended)
    elif told.initiator.startswith("api_custom_"):
        yield from told.event("custom", told.initiator, None, "http.initiator", told.ended)


Events = Callable[[Told], Iterable[Event]]

EVENTS: Final[tuple[tuple[str, Events], ...]] = (
    ("view", _view),
    ("navigation", _navigation),
    ("vitals", _vitals),
    ("layout_shift", _layout_shift),
    ("timers", _timers),
    ("memory", _memory),
    ("requests", _requests),
    ("errors", _errors),
    ("actions", _actions),
    ("long_tasks", _long_tasks),
    ("resources", _resources),
)


def _bare(url: str) -> str:
    """A url without query and fragment."""
    return url.partition("#")[0].partition("?")[0]


def _code(told: object) -> object:
    """A base 36 code: JSURL reads one of digits alone in quotes as text, one without as a number."""
    return str(int(told)) if isinstance(told, float) and told.is_integer() and abs(told) < 2**53 else told
