"""Dublin Core terms, all fifty-five properties."""
from __future__ import annotations

from ckanext.civicswitchboard.core.formats.standards.standard import Standard, table

STANDARD = Standard(
    key="dublin_core",
    label="Dublin Core terms",
    address="https://www.dublincore.org/specifications/dublin-core/dcmi-terms/",
    divider="/",
    prefixes={"dcterms": "dct", "dc": "dct", "terms": "dct"},
    properties=table("""
Resource:
dct:abstract | text | a summary
dct:accessRights | rights statement | who may have access
dct:accrualMethod | method | how items are added to a collection
dct:accrualPeriodicity | frequency | how often items are added
dct:accrualPolicy | policy | by what rules items are added
dct:alternative | text | another name
dct:audience | class of people | for whom it is meant
dct:available | date | from when it can be had
dct:bibliographicCitation | text | how to cite it
dct:conformsTo | standard | a standard that it follows
dct:contributor | agent | who helped to make it
dct:coverage | place or time | the place or time that it covers
dct:created | date | when it was made
dct:creator | agent | who made it
dct:date | date | a date in its life
dct:dateAccepted | date | when it was accepted
dct:dateCopyrighted | date | the date of the copyright
dct:dateSubmitted | date | when it was handed in
dct:description | text | what it is about
dct:educationLevel | class of people | the level of learning it is meant for
dct:extent | size | how large or long it is
dct:format | media type | the format, material or size
dct:hasFormat | resource | the same in another format
dct:hasPart | resource | something that belongs to it
dct:hasVersion | resource | an edition of it
dct:identifier | text | an identifier
dct:instructionalMethod | method | how it is to be taught with
dct:isFormatOf | resource | the same in an earlier format
dct:isPartOf | resource | the larger whole to which it belongs
dct:isReferencedBy | resource | what cites it
dct:isReplacedBy | resource | what takes its place
dct:isRequiredBy | resource | what needs it
dct:issued | date | when it was published
dct:isVersionOf | resource | what it is an edition of
dct:language | language | its language
dct:license | license | the terms of use
dct:mediator | agent | who stands between it and its readers
dct:medium | material | what it is made of
dct:modified | date | when it changed
dct:provenance | provenance statement | whose it was, and what happened to it
dct:publisher | agent | who makes it available
dct:references | resource | what it cites
dct:relation | resource | something related
dct:replaces | resource | what it takes the place of
dct:requires | resource | what it needs
dct:rights | rights statement | rights in it
dct:rightsHolder | agent | who holds the rights
dct:source | resource | what it was made from
dct:spatial | place | the area that it covers
dct:subject | concept | what it is about
dct:tableOfContents | text | its parts, listed
dct:temporal | period | the time that it covers
dct:title | text | the name
dct:type | class | the kind of thing it is
dct:valid | date | when it is valid
"""),
)
