"""The parameters of boomerang that are read, and the types of their values (JSON Schema's names)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_TEXTS: Final = (
    *("pid", "u", "pgu", "r", "nu", "rt.si", "rt.start", "rt.quit", "rt.abld", "early", "vis.pre", "http.initiator"),
    *("http.method", "mob.etype", "mob.ct", "nt_protocol", "pt.lcp.e", "pt.lcp.src", "et.inp.e", "c.e", "c.cls.topid"),
    *("t_other", "restiming", "err", "c.lt"),
)
_NUMBERS: Final = (
    *("n", "rt.sl", "rt.tstart", "rt.nstart", "rt.end", "t_done", "t_resp", "t_page", "pt.fp", "pt.fcp", "pt.lcp"),
    *("et.fid", "et.inp", "c.cls", "c.fid", "c.tti", "c.ttfi", "mem.used", "mem.limit", "http.errno", "nt_nav_type"),
    *("nt_nav_st", "nt_act_st", "nt_red_st", "nt_red_end", "nt_dns_st", "nt_dns_end", "nt_con_st", "nt_con_end"),
    *("nt_ssl_st", "nt_req_st", "nt_res_st", "nt_res_end", "nt_domint", "nt_domcontloaded_end", "nt_domcomp"),
    *("nt_load_end", "nt_trn_size"),
)

PARAMETERS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(_TEXTS, "string") | dict.fromkeys(_NUMBERS, "number")
)
