"""What a browser sends when a person presses a button of a form, by the rules of HTML."""
from __future__ import annotations

import io
import re
from typing import Any

from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict

Sent = list[tuple[str, Any]]

# The forms of a dataset, a resource and an organization.
RECORDS = "form#dataset-edit, form#resource-edit, form.dataset-form"
_NO_VALUE = ("submit", "image", "button", "reset")
# Inputs of these types drop line ends from what the page says.
_ONE_LINE = ("text", "search", "tel", "url", "email", "password")
_TRIMMED = ("url", "email")
_NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][-+]?\d+)?\Z")
_DATE = re.compile(r"\d{4,}-\d\d-\d\d\Z")


def form_in(html: str) -> Any:
    """The form of a record on a page."""
    page = BeautifulSoup(re.sub(r"\r\n?", "\n", html), "html.parser")
    form = page.select_one(RECORDS)
    assert form is not None, faults_in(html) or page.text.strip()[:300]
    return form


def sent_by(html: str, save: str | None = None, scripts: bool = True) -> Sent:
    """What is sent when the form's save button is pressed and nothing was changed.

    :param html: the page
    :param save: the value of the button; the form's last primary one unless it is given
    :param scripts: whether the browser runs scripts: it then ignores what `<noscript>` has
    """
    form = form_in(html)
    sent: Sent = []
    for control in form.find_all(["input", "select", "textarea"]):
        if control.get("name") and not _is_left_out(control, scripts):
            sent += [(control["name"], value) for value in _values(control)]
    button = _button(form, save)
    sent.append((button["name"], button.get("value", "")))
    return [(name, _with_line_ends(value)) for name, value in sent]


def with_values(sent: Sent, **typed: str) -> Sent:
    """The same with other values typed into inputs that the form has."""
    missing = set(typed) - {name for name, _value in sent}
    assert not missing, f"the form has no {missing}"
    return [(name, typed.get(name, value)) for name, value in sent]


def body(sent: Sent) -> Any:
    """What Flask's client takes as the body of a request."""
    return MultiDict(sent)


def faults_in(html: str) -> str:
    """The faults that a page lists, in one line."""
    page = BeautifulSoup(html, "html.parser")
    found = page.select(".error-explanation, .alert-danger, .alert-error, .error-block")
    return " | ".join(" ".join(each.text.split()) for each in found)


def _is_left_out(control: Any, scripts: bool) -> bool:
    inert = ["template", "noscript"] if scripts else ["template"]
    in_disabled = control.find_parent("fieldset", disabled=True)
    return bool(control.has_attr("disabled") or control.find_parent(inert) or in_disabled)


def _button(form: Any, save: str | None) -> Any:
    buttons = [each for each in form.find_all("button") if each.get("name") == "save"]
    if save is None:
        buttons = [each for each in buttons if "btn-primary" in each.get("class", [])]
    else:
        buttons = [each for each in buttons if each.get("value", "") == save]
    assert buttons, "the form has no such button"
    return buttons[-1]


def _values(control: Any) -> list[Any]:
    if control.name == "textarea":
        return [control.text.removeprefix("\n")]
    if control.name == "select":
        return _chosen(control)
    kind = control.get("type", "text").lower()
    if kind in _NO_VALUE:
        return []
    if kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if control.has_attr("checked") else []
    if kind == "file":
        # An empty file without a name.
        return [(io.BytesIO(b""), "")]
    return [_cleaned(kind, control.get("value", ""))]


def _chosen(control: Any) -> list[str]:
    options = [option for option in control.find_all("option") if not option.has_attr("disabled")]
    chosen = [option for option in options if option.has_attr("selected")]
    if not control.has_attr("multiple"):
        chosen = chosen[-1:] or options[:1]
    return [option.get("value", " ".join(option.text.split())) for option in chosen]


def _cleaned(kind: str, value: str) -> str:
    if kind in _ONE_LINE:
        value = value.replace("\n", "")
    if kind in _TRIMMED:
        value = value.strip(" \t\f")
    if kind == "number" and not _NUMBER.match(value):
        return ""
    if kind == "date" and not _DATE.match(value):
        return ""
    return value


def _with_line_ends(value: Any) -> Any:
    return value.replace("\n", "\r\n") if isinstance(value, str) else value
