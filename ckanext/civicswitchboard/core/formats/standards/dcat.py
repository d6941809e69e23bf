"""DCAT 3, with the vocabularies that it borrows from."""
from __future__ import annotations

from ckanext.civicswitchboard.core.formats.standards.standard import Standard, table

STANDARD = Standard(
    key="dcat",
    label="DCAT 3",
    address="https://www.w3.org/TR/vocab-dcat-3/",
    divider="/",
    prefixes={"dcterms": "dct", "dc": "dct"},
    properties=table("""
Dataset:
dct:title | text | the name
dct:description | text | what it is about, in sentences
dct:identifier | text | an identifier that lasts, such as a DOI
dct:issued | date | when it was first published
dct:modified | date | when the data last changed
dct:language | language | the language of the data
dct:publisher | Agent | who makes it available
dct:creator | Agent | who made it
dct:contributor | Agent | who helped to make it
dct:rightsHolder | Agent | who holds the rights
dct:accessRights | rights statement | who may have access, and why not everybody
dct:rights | rights statement | rights that no license covers
dct:license | license | the terms of use
dct:accrualPeriodicity | frequency | how often new data are published
dct:spatial | Location | the area that the data cover
dct:temporal | PeriodOfTime | the time that the data cover
dct:conformsTo | standard | a standard that it follows
dct:type | concept | the kind of data
dct:relation | resource | something related
dct:source | resource | what it was made from
dct:provenance | provenance statement | how it came to be
dct:isPartOf | resource | the larger whole to which it belongs
dct:hasPart | resource | something that belongs to it
dct:replaces | resource | what it takes the place of
dct:isReplacedBy | resource | what takes its place
dct:isReferencedBy | resource | a publication that cites it
dct:references | resource | what it cites
dct:isVersionOf | resource | what it is an edition of
dct:hasVersion | resource | an edition of it
dct:bibliographicCitation | text | how to cite it
dct:created | date | when it was made
dct:available | date | from when it can be had
dct:subject | concept | what it is about
dct:audience | class of people | for whom it is meant
dct:extent | size | how large it is
dct:medium | material | the material of what was digitized
dct:format | media type | the file's format
dct:alternative | text | another name
dct:abstract | text | a summary
dct:tableOfContents | text | its parts, listed
dct:coverage | place or time | the place or time that it covers
dcat:theme | concept | a main subject, from a controlled vocabulary
dcat:keyword | text | a free keyword
dcat:contactPoint | ContactPoint | whom to ask
dcat:landingPage | document | the page on which it can be found
dcat:distribution | Distribution | a file or service that gives the data
dcat:temporalResolution | duration | the shortest time between two observations
dcat:spatialResolutionInMeters | number | the smallest distance that it tells apart
dcat:version | text | the name or number of the edition
dcat:versionNotes | text | what changed in this edition
dcat:hasVersion | Dataset | an edition of it
dcat:hasCurrentVersion | Dataset | the newest edition
dcat:previousVersion | Dataset | the edition before
dcat:isVersionOf | Dataset | what it is an edition of
dcat:inSeries | DatasetSeries | the series to which it belongs
dcat:prev | Dataset | the one before in a series
dcat:first | Dataset | the first of a series
dcat:last | Dataset | the newest of a series
dcat:qualifiedRelation | relationship | a relation of a kind that is named
dcat:hadRole | role | the role in a qualified relation
adms:identifier | identifier | a further identifier
adms:status | concept | how far it is
adms:versionNotes | text | what changed in this edition
adms:sample | Distribution | a sample of the data
odrl:hasPolicy | policy | the terms as rules for machines
prov:wasGeneratedBy | activity | the activity that made it
prov:wasDerivedFrom | entity | what it was made from
prov:wasAttributedTo | Agent | whom it is credited to
prov:qualifiedAttribution | attribution | a partner and the part they had
prov:agent | Agent | the partner of an attribution
prov:alternateOf | entity | the same thing elsewhere
prov:specializationOf | entity | the general thing of which this is one form
foaf:page | document | a page about it
foaf:isPrimaryTopicOf | document | the record that describes it
skos:note | text | a note
skos:scopeNote | text | what it is for and what not
skos:changeNote | text | what changed
skos:editorialNote | text | a note between catalogers
rdfs:comment | text | a remark
rdfs:seeAlso | resource | further reading
schema:abstract | text | a summary
schema:citation | text | how to cite it
csvw:tableSchema | TableSchema | the columns of a table
Distribution:
dcat:accessURL | address | where the data can be had
dcat:downloadURL | address | the file itself
dcat:accessService | DataService | a service that gives the data
dcat:byteSize | number | the file's size in bytes
dcat:mediaType | media type | the registered media type
dcat:compressFormat | media type | how the file is compressed
dcat:packageFormat | media type | how several files are packed together
dcat:endpointURL | address | the address of a service
dcat:endpointDescription | document | the description of a service
dcat:servesDataset | Dataset | the data that a service gives
cnt:characterEncoding | text | the encoding of the characters
spdx:checksum | checksum | a sum to check that the file is whole
void:triples | number | the number of statements in RDF data
ContactPoint:
vcard:fn | text | a name
vcard:hasEmail | e-mail address | an e-mail address
vcard:hasTelephone | telephone | a telephone number
vcard:hasURL | address | a web page
vcard:hasAddress | address | a postal address
vcard:organization-name | text | the organization
vcard:organization-unit | text | the department
vcard:role | text | the person's role
Location:
locn:geometry | geometry | the outline
dcat:bbox | geometry | the smallest box around it
dcat:centroid | geometry | the point in its middle
skos:prefLabel | text | its name
locn:address | address | a postal address
PeriodOfTime:
dcat:startDate | date | when it begins
dcat:endDate | date | when it ends
time:hasBeginning | instant | when it begins
time:hasEnd | instant | when it ends
Agent:
foaf:name | text | a name
foaf:mbox | e-mail address | an e-mail address
foaf:homepage | document | a web site
foaf:logo | picture | a logo
foaf:member | Agent | a member
org:classification | concept | the kind of organization
org:hasSite | site | a place where it works
org:purpose | text | what it is for
org:unitOf | organization | the organization of which it is a part
org:subOrganizationOf | organization | the organization above it
org:role | role | the role in an organization
TableSchema:
csvw:column | Column | a column
csvw:name | text | the column's name in the file
csvw:title | text | the column's name for readers
csvw:datatype | datatype | what its values are
csvw:required | yes or no | whether it is always filled
csvw:null | text | what stands for no value
qudt:unit | unit | the unit of measurement
"""),
)
