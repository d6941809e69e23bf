"""DataCite 4.5; the one kind of date that 4.6 added is marked."""
from __future__ import annotations

from ckanext.civicswitchboard.core.formats.standards.standard import Standard, table

_RELATIONS = frozenset(
    "IsCitedBy Cites IsCollectedBy Collects IsSupplementTo IsSupplementedBy IsContinuedBy Continues"
    " IsDescribedBy Describes HasMetadata IsMetadataFor HasVersion IsVersionOf IsNewVersionOf"
    " IsPreviousVersionOf IsPartOf HasPart IsPublishedIn IsReferencedBy References IsDocumentedBy"
    " Documents IsCompiledBy Compiles IsVariantFormOf IsOriginalFormOf IsIdenticalTo IsReviewedBy"
    " Reviews IsDerivedFrom IsSourceOf IsRequiredBy Requires IsObsoletedBy Obsoletes".split()
)

STANDARD = Standard(
    key="datacite",
    label="DataCite 4.5",
    address="https://datacite-metadata-schema.readthedocs.io/en/4.5/",
    divider=".",
    kinds={
        "descriptions": frozenset(
            "Abstract Methods SeriesInformation TableOfContents TechnicalInfo Other".split()
        ),
        "contributors": frozenset(
            "ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution"
            " Producer ProjectLeader ProjectManager ProjectMember RegistrationAgency RegistrationAuthority"
            " RelatedPerson Researcher ResearchGroup RightsHolder Sponsor Supervisor WorkPackageLeader"
            " Other".split()
        ),
        # Coverage came with 4.6.
        "dates": frozenset(
            "Accepted Available Copyrighted Collected Coverage Created Issued Other Submitted Updated"
            " Valid Withdrawn".split()
        ),
        "titles": frozenset("AlternativeTitle Subtitle TranslatedTitle Other".split()),
        "relatedIdentifiers": _RELATIONS,
        "relatedItems": _RELATIONS,
    },
    properties=table("""
Resource:
identifiers | identifier | the DOI, and other identifiers
creators | creator | who made the data, in the order of credit
titles | title | the name
publisher | text | who makes it available
publicationYear | year | the year in which it was made public
types | type | the kind of resource
subjects | subject | keywords and classes
contributors | contributor | who else had a part
dates | date | dates with what each means
language | language | the language of the data
alternateIdentifiers | alternate identifier | identifiers of other systems
relatedIdentifiers | related identifier | identifiers of related things
relatedItems | related item | related things without an identifier
sizes | text | how large it is
formats | text | the formats of its files
version | text | the name or number of the edition
rightsList | rights | the terms of use
descriptions | description | what it is about
geoLocations | place | the area that the data cover
fundingReferences | funding | who paid
identifier:
identifier | text | the identifier
identifierType | text | the kind of identifier
creator:
creatorName | text | a creator's name
name | text | a name
nameType | personal or organizational | whether it is a person
givenName | text | the given name
familyName | text | the family name
nameIdentifier | text | an identifier such as an ORCID iD
affiliation | text | the institution
title:
title | text | the title
subject:
subject | text | a keyword or class
subjectScheme | text | the vocabulary it is from
schemeURI | address | the address of that vocabulary
valueURI | address | the address of the term
classificationCode | text | the code of the class
contributor:
contributorName | text | a contributor's name
contributorType | kind of contributor | the part they had
date:
date | date or period | a date
dateType | kind of date | what the date means
dateInformation | text | a remark on the date
type:
resourceType | text | the kind, in free words
resourceTypeGeneral | kind of resource | the kind, from DataCite's list
alternate identifier:
alternateIdentifier | text | the identifier
alternateIdentifierType | text | the kind of identifier
related identifier:
relatedIdentifier | text | the identifier
relatedIdentifierType | kind of identifier | what kind of identifier it is
relationType | kind of relation | how it is related
related item:
relatedItem | related item | a related thing
relatedItemType | kind of resource | what kind of thing it is
relatedItemIdentifier | text | its identifier
volume | text | the volume
issue | text | the issue
number | text | the number
firstPage | text | the first page
lastPage | text | the last page
edition | text | the edition
sizes:
size | text | a size
formats:
format | text | a format
rights:
rights | text | the terms in words
rightsURI | address | the address of the license
rightsIdentifier | text | the license's short name
description:
description | text | the words
descriptionType | kind of description | what the words are about
place:
geoLocationPlace | text | a place by name
geoLocationPoint | point | a point
geoLocationBox | box | a box
geoLocationPolygon | polygon | an outline
funding:
funderName | text | who paid
funderIdentifier | text | an identifier of who paid
awardNumber | text | the number of the grant
awardURI | address | the page of the grant
awardTitle | text | the title of the grant
"""),
)
