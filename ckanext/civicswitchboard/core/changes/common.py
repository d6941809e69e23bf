"""The kinds of change that most things share: another position in a list, another label, another text."""
from __future__ import annotations

from ckanext.civicswitchboard.core.changes.diff import POSITION
from ckanext.civicswitchboard.core.changes.kinds import Change, Kind, label_of, subject
from ckanext.civicswitchboard.core.changes.paths import Place, Thing
from ckanext.civicswitchboard.core.schema.document import Text
from ckanext.civicswitchboard.core.schema.labels import N_
from ckanext.civicswitchboard.core.schema.messages import Message


class Moved(Kind):
    """Another position in a list.

    :param name: the kind's name
    :param thing: what moves
    """

    def __init__(self, name: str, thing: Thing) -> None:
        super().__init__(name, (POSITION,), thing=thing)

    def message(self, change: Change) -> Message:
        after = change.after[POSITION]
        if not after:
            return Message(N_("{what} moves to the beginning of its list"), {"what": subject(change)})
        path, holder = change.place.path, change.place.id
        place = Place(path, holder, after) if change.part else Place(path, after)
        neighbor = label_of(change.within.after.get(place), change, after)
        return Message(
            N_("{what} moves after “{neighbor}”"), {"what": subject(change), "neighbor": neighbor}
        )


class Relabeled(Kind):
    """Another label.

    :param name: the kind's name
    :param thing: what has the label
    """

    def __init__(self, name: str, thing: Thing) -> None:
        super().__init__(
            name,
            ("label",),
            N_("{what} is now called “{label}”"),
            thing,
            text_emptied=N_("{what} no longer has a label"),
        )

    def message(self, change: Change) -> Message:
        languages = changed_languages(change)
        if languages:
            return Message(
                N_("The label of {what} changes in these languages: {languages}"),
                {"what": subject(change), "languages": ", ".join(languages)},
            )
        return super().message(change)

    def values(self, change: Change) -> dict[str, Text | Message]:
        return {"what": subject(change, change.was), "label": change.after["label"]}


class TextChanged(Kind):
    """Another text, which no record depends on.

    :param name: the kind's name
    :param thing: what has the text
    :param attribute: the text's attribute
    :param aspect: what pages call the text
    """

    def __init__(self, name: str, thing: Thing, attribute: str, aspect: str) -> None:
        super().__init__(
            name,
            (attribute,),
            N_("The {aspect} of {what} changes"),
            thing,
            text_added=N_("The {aspect} of {what} is added"),
            text_emptied=N_("The {aspect} of {what} is removed"),
        )
        self.aspect = aspect

    def message(self, change: Change) -> Message:
        languages = changed_languages(change)
        if languages:
            return Message(
                N_("The {aspect} of {what} changes in these languages: {languages}"),
                {"what": subject(change), "languages": ", ".join(languages), **self.values(change)},
            )
        return super().message(change)

    def values(self, change: Change) -> dict[str, Text | Message]:
        return {"aspect": Message(self.aspect)}


def changed_languages(change: Change) -> list[str]:
    """The languages in which a text changes; an empty list if the new text isn't by language."""
    before, after = change.edits[0].before, change.edits[0].after
    if not isinstance(after, dict) or not after:
        return []
    known = before if isinstance(before, dict) else {}
    return sorted(code for code in {*known, *after} if known.get(code) != after.get(code))
