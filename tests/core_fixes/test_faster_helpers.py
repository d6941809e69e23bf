"""Core's helpers that are made quicker give core's answers."""
from __future__ import annotations

import itertools
from typing import Any

import ckan.plugins.toolkit as tk
import pytest
from ckan.lib import helpers as core

VALUES = ("county", "a b", "a&b=c", "ж", "50%", "", "?", "#x", "civicswitchboard-value", "\"", "+", "/", 3, None)
ADDRESSES = (
    "/dataset/", "/dataset/?q=a+b&page=3", "/dataset/?tags=x&tags=y&res_format=CSV", "/dataset/?q=civicswitchboard-value",
    "/organization/public-library?tags=x", "/group/health?q=%D0%B6&sort=title_string+desc",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_with_one_more_parameter(app: Any, address: str) -> None:
    asked: list[dict[str, Any]] = [
        {}, {"extras": {"id": "x"}}, {"alternative_url": "/dataset/"}, {"controller": "dataset", "action": "search"},
    ]  # fmt: skip
    with app.flask_app.test_request_context(address):
        for name, value, more in itertools.product(("organization", "tags", "q"), VALUES, asked):
            given = {"new_params": {name: value}, **more}
            # Twice, as the second one is put together from the first.
            for _time in range(2):
                assert tk.h.add_url_param(**given) == core.add_url_param(**given)
        assert tk.h.add_url_param(new_params={"a": "1", "b": "2"}) == core.add_url_param(new_params={"a": "1", "b": "2"})
        assert tk.h.add_url_param() == core.add_url_param()


@pytest.mark.parametrize(
    "text", ["", None, "plain", "**bold** [link](http://a.example)", "<script>x</script> &amp; *y*", "word " * 10_000]
)  # fmt: skip
@pytest.mark.parametrize("length", [0, 10, 180])
def test_extracts_of_markdown(app: Any, text: Any, length: int) -> None:
    with app.flask_app.test_request_context("/"):
        for _time in range(2):
            assert tk.h.markdown_extract(text, extract_length=length) == core.markdown_extract(text, length)
            assert type(tk.h.markdown_extract(text, length)) is type(core.markdown_extract(text, length))
