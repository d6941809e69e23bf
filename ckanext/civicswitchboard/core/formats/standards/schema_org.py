"""schema.org: Dataset, and the types that its properties lead to."""
from __future__ import annotations

from ckanext.civicswitchboard.core.formats.standards.standard import Standard, table

STANDARD = Standard(
    key="schema_org",
    label="schema.org Dataset",
    address="https://schema.org/Dataset",
    divider=".",
    properties=table("""
Dataset:
name | text | the name
alternateName | text | another name
description | text | what it is about
abstract | text | a summary
identifier | text | an identifier that lasts, such as a DOI
url | address | its page
sameAs | address | another page of the same thing
mainEntityOfPage | address | the page that is about it
keywords | text | keywords
about | Thing | what it is about
genre | text | the kind of work
inLanguage | language | its language
creator | Organization | who made it
author | Organization | who wrote it
contributor | Organization | who helped to make it
editor | Person | who edited it
publisher | Organization | who makes it available
provider | Organization | who offers it
maintainer | Organization | who looks after it
sourceOrganization | Organization | on whose behalf it was made
funder | Organization | who paid
funding | grant | the grant that paid
sponsor | Organization | who supports it
accountablePerson | Person | who answers for it
copyrightHolder | Organization | who holds the copyright
copyrightYear | year | the year of the copyright
copyrightNotice | text | the words of the copyright
creditText | text | how to credit or cite it
citation | text | a work that it cites
license | address | the terms of use
usageInfo | address | further terms of use
acquireLicensePage | address | where a license can be had
conditionsOfAccess | text | who may have access, and how
isAccessibleForFree | yes or no | whether it costs nothing
dateCreated | date | when it was made
datePublished | date | when it was published
dateModified | date | when the data last changed
expires | date | until when it is of use
temporalCoverage | period | the time that the data cover
temporal | period | the time that it is about
spatialCoverage | Place | the area that the data cover
spatial | Place | the area that it is about
locationCreated | Place | where it was made
contentLocation | Place | the place that it shows
contentReferenceTime | time | the moment that it describes
version | text | the name or number of the edition
schemaVersion | text | the edition of the vocabulary that it uses
creativeWorkStatus | text | how far it is
distribution | DataDownload | a file that gives the data
includedInDataCatalog | DataCatalog | the catalog that lists it
isPartOf | CreativeWork | the larger whole to which it belongs
hasPart | CreativeWork | something that belongs to it
isBasedOn | CreativeWork | what it was made from
subjectOf | CreativeWork | a work about it
workExample | CreativeWork | an edition of it
exampleOfWork | CreativeWork | what it is an edition of
archivedAt | address | where a copy is kept
variableMeasured | PropertyValue | what is measured: a column
measurementTechnique | text | how it was measured
measurementMethod | text | by which method it was measured
issn | text | the number of a series
audience | Audience | for whom it is meant
educationalLevel | text | the level of learning it is meant for
learningResourceType | text | how it serves teaching
material | text | what it is made of
size | text | how large it is
text | text | its words
thumbnailUrl | address | a small picture
image | address | a picture
additionalType | address | a more exact type
ethicsPolicy | address | the rules for its use
correction | text | what was put right
comment | text | a remark
digitalSourceType | text | how it was digitized
interpretedAsClaim | text | a statement that it makes
DataDownload:
contentUrl | address | the file itself
encodingFormat | media type | the file's format
contentSize | text | the file's size
uploadDate | date | when the file was put there
sha256 | text | a sum to check that the file is whole
encoding | CreativeWork | the file in another form
Organization:
legalName | text | the registered name
email | e-mail address | an e-mail address
telephone | telephone | a telephone number
address | PostalAddress | the postal address
contactPoint | ContactPoint | whom to ask
department | Organization | a department
parentOrganization | Organization | the organization above it
memberOf | Organization | what it is a member of
member | Organization | a member
logo | picture | a logo
areaServed | Place | the area that it serves
knowsAbout | text | what it is good at
slogan | text | its motto
foundingDate | date | since when it exists
hasOfferCatalog | catalog | what it offers
ContactPoint:
contactType | text | what the contact is for
Person:
givenName | text | the given name
familyName | text | the family name
affiliation | Organization | the institution
jobTitle | text | the position
Place:
geo | geometry | the outline or point
geoCovers | geometry | an outline that it covers
box | text | a box
polygon | text | an outline
latitude | number | the latitude
longitude | number | the longitude
location | Place | where it is
containedInPlace | Place | the larger place
maximumAttendeeCapacity | number | how many people there is room for
amenityFeature | PropertyValue | what it is equipped with
openingHours | text | when it is open
PropertyValue:
value | text | the value
unitText | text | the unit in words
unitCode | text | the unit's code
minValue | number | the smallest value
maxValue | number | the largest value
propertyID | text | the property's identifier
valueReference | text | what the codes mean
Audience:
audienceType | text | what kind of people
geographicArea | Place | where they are
"""),
)
