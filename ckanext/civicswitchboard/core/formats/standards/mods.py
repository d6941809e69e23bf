"""MODS 3.8, by its elements; ``note[source]`` is a note of the type “source”."""
from __future__ import annotations

from ckanext.civicswitchboard.core.formats.standards.standard import Standard, table

STANDARD = Standard(
    key="mods",
    label="MODS 3.8",
    address="https://www.loc.gov/standards/mods/",
    divider="/",
    kinds={
        "relatedItem": frozenset(
            "preceding succeeding original host constituent series otherVersion otherFormat"
            " isReferencedBy references reviewOf".split()
        ),
        "titleInfo": frozenset("abbreviated translated alternative uniform".split()),
        "name": frozenset("personal corporate conference family".split()),
    },
    properties=table("""
mods:
titleInfo | title | a title
name | name | a person or body with their role
typeOfResource | text | the kind of resource
genre | text | the kind of work
originInfo | origin | where, when and by whom it was made or published
language | language | the language
physicalDescription | physical description | form, extent, digital origin
abstract | text | a summary
tableOfContents | text | its parts, listed
targetAudience | text | for whom it is meant
note | text | a note; its type says about what
subject | subject | what it is about
classification | text | a class of a scheme, such as a call number's
relatedItem | related item | something related
identifier | text | an identifier
location | location | where it is kept or can be had
accessCondition | text | restrictions, and the terms of use
part | part | which part of the whole it is
extension | any | what MODS has no place for
recordInfo | record | about the description itself
title:
title | text | the words of the title
subTitle | text | the rest of the title
partNumber | text | the number of the part
partName | text | the name of the part
nonSort | text | an article to be passed over in sorting
name:
namePart | text | a name or a part of it
displayForm | text | the name as it is to be shown
affiliation | text | the institution
role | role | the part they had
nameIdentifier | text | an identifier of the person or body
role:
roleTerm | text | a relator term or code
origin:
place | place | where it was made
publisher | text | who published it
agent | name | a person or body that had a part in it
dateIssued | date | when it was published
dateCreated | date | when it was made
dateCaptured | date | when it was digitized
dateValid | date | when it is valid
dateModified | date | when it changed
copyrightDate | date | the date of the copyright
dateOther | date | another date
displayDate | text | the date as it is to be shown
edition | text | the edition
issuance | text | whether it is complete or goes on
frequency | text | how often it appears
place:
placeTerm | text | a place by name or code
language:
languageTerm | text | a language by name or code
scriptTerm | text | a script by name or code
physical description:
form | text | the material or form
reformattingQuality | text | the quality of a reproduction
internetMediaType | media type | the format of the file
extent | text | how much there is
digitalOrigin | text | whether it was born digital
subject:
topic | text | a topic
geographic | text | a place
temporal | date or text | a time
titleInfo | title | a work as a subject
hierarchicalGeographic | place | a place from the country down
geographicCode | text | a place by its code
cartographics | map data | scale, projection, coordinates
occupation | text | an occupation
map data:
scale | text | the scale
projection | text | the projection
coordinates | text | the coordinates
location:
physicalLocation | text | the institution that keeps it
shelfLocator | text | the shelf mark
url | address | where it is on the web
holdingSimple | text | what of it is kept
part:
detail | text | volume, issue or chapter
date | date | the date of the part
text | text | the part in words
record:
recordContentSource | text | who made the description
recordCreationDate | date | when the description was made
recordChangeDate | date | when the description changed
recordIdentifier | text | the description's identifier
recordOrigin | text | how the description was made
languageOfCataloging | language | the language of the description
descriptionStandard | text | the rules it follows
recordInfoNote | text | a note on the description
"""),
)
