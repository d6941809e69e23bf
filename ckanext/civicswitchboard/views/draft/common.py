"""What all pages of the draft share: the frame around them, and how an edit is answered.

A page of the draft is a view decorated with :func:`of_draft`; it renders a template that
extends ``metadata_schema/editor/base.html`` with :func:`frame` in it. A form of such a page
posts ``revision`` beside its inputs, and its view answers with :func:`edited`.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

import ckan.plugins.toolkit as tk
from flask import Response, current_app, make_response, request
from markupsafe import Markup
from werkzeug.exceptions import BadRequest, Forbidden, NotFound

from ckanext.civicswitchboard import config
from ckanext.civicswitchboard.core.changes import Change, diff
from ckanext.civicswitchboard.core.editing.fields import Edit, EditRefused
from ckanext.civicswitchboard.core.editing.form import languages_of, text_of
from ckanext.civicswitchboard.core.editing.translations import shown_language, with_text
from ckanext.civicswitchboard.core.schema.document import Document, Entity, Field, Text
from ckanext.civicswitchboard.core.schema.input_checks import whole_number
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.reserved_names import CORE_FIELDS
from ckanext.civicswitchboard.impact import using_records
from ckanext.civicswitchboard.schema_registry import merge_edit, releases, versions
from ckanext.civicswitchboard.schema_registry.merge_edit import Conflicted, Opened
from ckanext.civicswitchboard.search_index import health
from ckanext.civicswitchboard.views.request_args import page_number

P = ParamSpec("P")
Answer = str | Response
CHOICE = "choice:"


@dataclass(frozen=True)
class Page:
    """A page of the editor in its navigation; it shows once its endpoint is there.

    :ivar needed: whether there is something on it now
    """

    name: str
    label: str
    endpoint: str
    needed: Callable[[], bool] = lambda: True

    @property
    def shown(self) -> bool:
        """Whether the navigation has it."""
        return self.endpoint in current_app.view_functions and self.needed()


PAGES = [
    Page("fields", N_("Fields"), "civicswitchboard_editor.index"),
    Page("vocabularies", N_("Vocabularies"), "civicswitchboard_draft_terms.vocabularies"),
    Page("partner_types", N_("Partner types"), "civicswitchboard_draft_terms.partner_types"),
    Page("organization", N_("Organization fields"), "civicswitchboard_editor.organization"),
    Page("crosswalk", N_("Crosswalk"), "civicswitchboard_draft_terms.crosswalk"),
    Page("translations", N_("Translations"), "civicswitchboard_draft_terms.translations"),
    Page("suggestions", N_("Suggestions"), "civicswitchboard_suggestions.index"),
    Page("release", N_("New release"), "civicswitchboard_editor.release", releases.in_draft),
]


@dataclass(frozen=True)
class Frame:
    """What stands around every page of the draft.

    :ivar draft: the draft
    :ivar next: the number that it would get
    :ivar changes: what it changes since the version that it is based on
    :ivar pages: the navigation
    :ivar here: the name of the page in it
    :ivar behind: the number of the current version, where that is newer than the draft's base
    """

    draft: Opened
    next: int
    changes: tuple[Change, ...]
    pages: tuple[Page, ...]
    here: str
    behind: int | None

    def renamable(self, entity: Entity, field_id: str) -> Field | None:
        """A field as the draft's base has it; None where it is new, or where CKAN itself stores it."""
        base = versions.of_version(self.draft.base)
        fields = base.document.fields_of(entity) if base else []
        match = next((field for field in fields if field.id == field_id), None)
        return match if match and match.field_name not in CORE_FIELDS[entity] else None

    @property
    def languages(self) -> list[str]:
        """The languages for which forms have an input for each text; none for a single input."""
        return languages(self.draft.document)

    def changed(self, path: str, id: str, part: str = "") -> bool:
        """Whether the draft changes a thing or a part of it.

        :param path: the list in which it stands, such as ``dataset.fields``
        :param part: the part that is asked about, empty for the whole thing
        """
        places = (
            change.place for change in self.changes if change.place.path == path and change.place.id == id
        )
        return any(part in ("", place.part) for place in places)


def user() -> str:
    """The reader's account."""
    return str(tk.current_user.name)


def languages(document: Document) -> list[str]:
    """The languages in which a draft's texts are written, the portal's own first.

    :returns: none where all of them are plain texts and the portal wants no more
    """
    languages = languages_of(document, config.schema_languages())
    return list(dict.fromkeys([config.locale_default(), *languages])) if languages else []


def said(before: Text, name: str) -> Text:
    """What the posted form says of a text.

    :param before: the text; its other languages stay where the form has a single input, which
        showed it in the reader's language
    :param name: the input's name, of which each language has one with its code behind a dot
    """
    sent = request.form
    codes = [key.removeprefix(f"{name}.") for key in sent if key.startswith(f"{name}.")]
    if codes:
        shown_text = text_of(sent.to_dict(flat=False), name, before, codes)
        return before if shown_text is None else shown_text
    default = config.locale_default()
    language = shown_language(before, str(tk.h.lang()), default)
    # A browser writes line ends of its own.
    text = sent.get(name, "").strip().replace("\r\n", "\n")
    return with_text(before, language, text, default)


def frame(draft: Opened, here: str) -> Frame:
    """The frame of a page.

    :param here: the page's name in :data:`PAGES`
    """
    current = versions.newest()
    base = versions.of_version(draft.base) or current
    return Frame(
        draft=draft,
        next=current.version + 1,
        changes=tuple(diff(base.document, draft.document)),
        pages=tuple(page for page in PAGES if page.shown),
        here=here,
        behind=current.version if current.version != draft.base else None,
    )


def of_draft(view: Callable[P, Answer]) -> Callable[P, Response]:
    """Have a view answer with the right page where there is no draft, or the reader may not.

    It also keeps what it answers out of every cache: the same address answers HTMX with a
    part of the page.
    """

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        if is_htmx() and tk.current_user.is_anonymous:
            # The page stays, keeps what was typed, and offers to log in.
            return Response(tk._("You've been logged out"), status=401)
        try:
            tk.check_access("civicswitchboard_schema_draft_show", {"user": user()}, {})
            response = make_response(view(*args, **kwargs))
        except tk.NotAuthorized as error:
            raise Forbidden(str(error.message or "")) from error
        except tk.ObjectNotFound as error:
            response = make_response(_no_draft(str(error.message or "")))
        response.vary.add("HX-Request")
        response.cache_control.no_store = True
        return response

    return answer


def _no_draft(message: str) -> Answer:
    try:
        merge_edit.opened(user())
    except tk.ObjectNotFound:
        return _refresh() if is_htmx() else no_draft()
    raise NotFound(message)


def no_draft() -> str:
    """The page that begins a draft, with what keeps the search from following the last one."""
    current = tk.get_action("civicswitchboard_schema_show")({"user": user()}, {"include_document": False})
    extra_vars = {"current": current, "troubles": health.troubles()}
    return str(tk.render("metadata_schema/editor/start.html", extra_vars=extra_vars))


def is_htmx() -> bool:
    """Whether the page's script asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def revision() -> int:
    """The revision from which the posted form was made."""
    number = whole_number(request.form.get("revision"))
    if number is None:
        raise BadRequest(tk._("This form doesn't name its draft. Reload the page and try again"))
    return number


def edited(
    edit: Edit,
    back: str,
    here: str,
    part: Callable[[Frame], str] | None = None,
    said: Callable[[Frame], str] | None = None,
) -> Answer:
    """Save what a form asks for, and answer it.

    :param edit: the edit
    :param back: the address of the page to show after it
    :param here: the page's name in :data:`PAGES`
    :param part: renders what HTMX puts in place of the form's target
    :param said: what to tell a screen reader of it
    """
    try:
        result = merge_edit.save(user(), revision(), edit, _answers())
    except EditRefused as error:
        return refused(error.reason.say(tk._, tk.h.scheming_language_text), back)
    if isinstance(result, Conflicted):
        return _ask(result, here)
    if is_htmx() and part and not result.meanwhile:
        around = frame(result.draft, here)
        return part(around) + header(around, said(around) if said else "")
    for other_edit in result.meanwhile:
        _flash_edit(other_edit)
    return redirect(back)


def refused(message: str, back: str) -> Answer:
    """Tell why an edit was not saved; what was typed stays where it is.

    :param back: the address of the form's page
    """
    if is_htmx():
        response = make_response(Markup("<p>{}</p>").format(message))
        response.headers["HX-Retarget"] = "#csw-draft-refused"
        response.headers["HX-Reswap"] = "innerHTML"
        response.headers["HX-Trigger"] = "csw-refused"
        return response
    tk.h.flash_error(message)
    return redirect(back)


def part(name: str, variables: dict[str, Any]) -> str:
    """A part of a page of the draft, by the name of its template."""
    return str(tk.render_snippet(f"metadata_schema/editor/{name}.html", variables))


def listed(
    around: Frame,
    places: Sequence[using_records.Place],
    title: str,
    back: tuple[str, str],
    value: str = "",
    search: str = "",
) -> str:
    """The page of the records that use something.

    :param places: where they hold it
    :param title: what it is called
    :param back: an address and its words
    :param value: which value, any when empty
    :param search: the address of a search that finds those that visitors see
    """
    page = page_number()
    extra_vars = {
        "frame": around,
        "title": title,
        "back": back,
        "search": search,
        "uses": using_records.of(user(), places, page, value),
        "page": page,
        "previous": _this_page(page - 1),
        "next": _this_page(page + 1),
    }
    return str(tk.render("metadata_schema/editor/records.html", extra_vars=extra_vars))


def _this_page(number: int) -> str:
    """The address of the page that is asked for, with another number."""
    parameters = {**(request.view_args or {}), **request.args.to_dict(), "page": number}
    return str(tk.h.url_for(request.endpoint, **parameters))


def header(around: Frame, said: str = "") -> str:
    """The frame's header line, to be put in place of the one that the page has.

    :param said: what to tell a screen reader
    """
    return part("header", {"frame": around, "oob": True, "said": said})


def redirect(address: str) -> Response:
    """Go to a page, the whole of it also where HTMX asked."""
    if is_htmx():
        response = make_response("")
        response.headers["HX-Redirect"] = address
        return response
    answer: Response = tk.redirect_to(address)
    return answer


def _refresh() -> Response:
    response = make_response("")
    response.headers["HX-Refresh"] = "true"
    return response


def _answers() -> dict[str, Any]:
    return {
        name.removeprefix(CHOICE): answer
        for name, answer in request.form.items()
        if name.startswith(CHOICE) and answer in ("ours", "theirs")
    }


def _ask(result: Conflicted, here: str) -> Answer:
    """Show both, and let the reader choose."""
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != tk.g.csrf_field_name
    ]
    extra_vars = {
        "clashes": result.clashes,
        "meanwhile": result.meanwhile,
        "kept": kept,
        "action": request.full_path.rstrip("?"),
        "frame": frame(result.draft, here),
    }
    if not is_htmx():
        return str(tk.render("metadata_schema/editor/conflict.html", extra_vars=extra_vars))
    response = make_response(tk.render_snippet("metadata_schema/editor/choose.html", extra_vars))
    response.headers["HX-Retarget"] = "#csw-draft-refused"
    response.headers["HX-Reswap"] = "innerHTML"
    response.headers["HX-Trigger"] = "csw-refused"
    return response


def _flash_edit(edit: merge_edit.Meanwhile) -> None:
    who = tk._("You, in another window") if edit.author == user() else edit.author
    tk.h.flash_notice(
        tk._("Changed in the meantime by {who}, {when}: {what}").format(
            who=who or tk._("someone"),
            when=tk.h.render_datetime(edit.saved, with_hours=True),
            what=edit.text,
        )
    )
