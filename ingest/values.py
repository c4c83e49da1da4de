"""Which values are believed (design section 5)."""

from math import isfinite

from schemas.drop_reasons import DropReason
from schemas.measures import KINDS, VITALS


def unit_of(kind: str, name: str) -> str:
    """The unit of a kind's values; of a vital by its name."""
    measure = VITALS.get(name) if kind == "vital" else KINDS.get(kind)
    return measure.unit if measure else ""


def wrong_value(kind: str, name: str, value: float | None) -> DropReason | None:
    """Why a value is refused; None where it is good. A vital needs a value, other kinds may have none.

    CLS 0 is a value. At the cap is still believed.
    """
    if kind == "vital" and name not in VITALS:
        return DropReason.UNKNOWN_METRIC
    if value is None:
        return DropReason.NOT_A_NUMBER if kind == "vital" else None
    if not isfinite(value):
        return DropReason.NOT_A_NUMBER
    if value < 0:
        return DropReason.NEGATIVE
    measure = VITALS[name] if kind == "vital" else KINDS.get(kind)
    if measure is not None and measure.cap and value > measure.cap:
        return DropReason.OUTLIER
    return None


def why_refused(reason: DropReason, name: str, value: float | None) -> str:
    """The refusal in words."""
    return {
        DropReason.UNKNOWN_METRIC: f"metric {name[:64]!r} is none of {', '.join(VITALS)}",
        DropReason.NOT_A_NUMBER: f"the value of {name[:64]!r} is not a number",
        DropReason.NEGATIVE: f"the value {value} of {name[:64]!r} is negative",
        DropReason.OUTLIER: f"the value {value} of {name[:64]!r} is over the cap",
    }[reason]
