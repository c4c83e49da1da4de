"""Places are bounded, and come back."""

import pytest

from embedded.clickhouse.admission import Admission
from embedded.clickhouse.exceptions import EngineError


def test_one_more_than_the_limit_is_refused_until_one_leaves() -> None:
    admission = Admission(2)
    with admission.place("a"):
        with admission.place("b"), pytest.raises(EngineError) as refused, admission.place("c"):
            pass
        assert (refused.value.name, refused.value.status) == ("TOO_MANY_SIMULTANEOUS_QUERIES", 503)
        with admission.place("c"):
            pass


def test_an_id_is_here_once() -> None:
    admission = Admission(2)
    with admission.place("a"), pytest.raises(EngineError) as refused, admission.place("a"):
        pass
    assert refused.value.code == 216
    with admission.place("a"):
        pass


def fail_in(admission: Admission) -> None:
    with admission.place("a"):
        raise ZeroDivisionError


def test_a_failed_query_leaves_its_place() -> None:
    admission = Admission(1)
    with pytest.raises(ZeroDivisionError):
        fail_in(admission)
    with admission.place("b"):
        pass
