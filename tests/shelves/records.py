"""Invented records in the shapes of real portals, and pairs of them judged by hand.

What real records look like: tags by many hands (case, plural, hyphens), marks of programs among
them, the region's name in titles, tags and publishers, one CKAN group for much that has little to
do with each other, periods in many forms.
"""
from __future__ import annotations

from typing import Any

Record = dict[str, Any]

PARTNERS = {
    "harrow-bend-library": ("Harrow Bend Public Library", "public_library"),
    "valley-university": ("Valley University Library", "academic_library"),
    "tamber-county": ("Tamber County", "local_government"),
    "city-of-harrow-bend": ("City of Harrow Bend", "local_government"),
    "regional-center": ("Tamber Valley Regional Data Center", "data_intermediary"),
    "bike-harrow": ("BikeHarrow", "nonprofit"),
    "friends": ("Friends of the Valley", ""),
}
LIBRARIES = frozenset({"harrow-bend-library", "valley-university"})
GROUPS = {
    "civic-vitality": "Civic Vitality & Governance",
    "housing-properties": "Housing & Properties",
    "environment": "Environment",
    "transportation": "Transportation",
    "demographics": "Demographics",
}
_OF_LIBRARY, _OF_UNIVERSITY = "harrow-bend-library", "valley-university"
_OF_COUNTY, _OF_CITY, _OF_CENTER = "tamber-county", "city-of-harrow-bend", "regional-center"


def _record(owner: str, name: str, title: str, tags: str, **more: Any) -> Record:
    """:param tags: divided by semicolons"""
    groups = [{"name": each} for each in more.pop("groups", "").split()]
    return {
        "name": name,
        "owner_org": owner,
        "title": title,
        "notes": more.pop("notes", f"{title}."),
        "tags": [{"name": tag} for tag in filter(None, tags.split(";"))],
        "groups": groups,
        "license_id": "cc-by",
        **more,
    }


RECORDS = (
    # Libraries
    _record(_OF_LIBRARY, "hbl-wifi", "HBL Public Wifi", "internet;libraries;library;wifi",
            groups="civic-vitality", notes="Sessions of the library's public wifi by branch"),
    _record(_OF_LIBRARY, "library-locations", "Library Locations",
            "_etl;books;branches;community;events;libraries;literacy;properties;reading"),
    _record(_OF_LIBRARY, "program-attendance", "Program attendance by branch",
            "attendance;early childhood;harvested;programs"),
    _record(_OF_LIBRARY, "summer-meals", "Lunch at the library: meals served",
            "food;meals;summer;children"),
    _record(_OF_LIBRARY, "seed-library", "Seed Library checkouts", "community gardens;seeds"),
    _record(_OF_LIBRARY, "tax-help", "Tax Help Appointments", "tax preparation;volunteers"),
    _record(_OF_UNIVERSITY, "profiles-1974", "A Community Profile of Harrow Bend Neighborhoods, 1974",
            "archives;Arrests;building permits;history;public assistance;recreation",
            temporal_coverage="1972"),
    _record(_OF_UNIVERSITY, "atlas-1977", "Harrow Bend Neighborhood Atlas, 1977",
            "1977;Harrow Bend;crime;mortgage loans;real estate;satisfaction", groups="demographics",
            temporal_coverage="1977", places=["Quarry Hill", "Harrow Bend"]),
    _record(_OF_UNIVERSITY, "tenements", "Tenement inspection reports, 1907-1913",
            "history;housing;public health", temporal_coverage="1907-1913",
            places=["Mill Bottom"], geographic_unit="Neighborhood"),
    _record(_OF_UNIVERSITY, "census-relations", "Tamber County 2000/2010 Census Tract Relationships",
            "tamber-county;tamber-county-gis;census;council of governments"),
    _record(_OF_UNIVERSITY, "green-siting", "Green Infrastructure Siting and Cost Analysis",
            "combined sewers;floods;green-infrastructure;storm water;land use", groups="environment",
            temporal_coverage="2010"),
    _record(_OF_UNIVERSITY, "settlement-house", "Settlement house membership, 1920-1926",
            "immigration;social services", temporal_coverage="1920/1926", collection="Settlement House Records"),
    # Governments and the intermediary
    _record(_OF_COUNTY, "county-hotspots", "Tamber County WiFi Hotspots", "_etl;harvested;tamber county",
            groups="civic-vitality"),
    _record(_OF_COUNTY, "county-wireless", "Tamber County Wireless Access in Parks", "_etl",
            groups="civic-vitality", notes="Where visitors find the county's Wi-Fi"),
    _record(_OF_COUNTY, "county-boundary", "Tamber County Boundary", "_etl;boundaries",
            groups="civic-vitality"),
    _record(_OF_COUNTY, "sewers", "Tamber County Sanitary Sewers", "manhole;pipe;sanitary",
            groups="civic-vitality"),
    _record(_OF_COUNTY, "assessments", "Tamber County Property Assessments",
            "_etl;assessment;parcel;property;real estate;taxes", groups="housing-properties"),
    _record(_OF_COUNTY, "foreclosures", "Tamber County Mortgage Foreclosures",
            "_etl;foreclosure;mortgage loan;property", groups="housing-properties"),
    _record(_OF_COUNTY, "jail-census", "Tamber County Jail Daily Population",
            "_etl;census;Crimes;inmates;jail;tamber county"),
    _record(_OF_COUNTY, "weights", "Tamber County Weights and Measures Inspections", "_etl;inspections;scales"),
    _record(_OF_COUNTY, "smoking", "Tamber County Smoking Rates", "HEALTH DASH;smoking",
            temporal_coverage="1991-2010"),
    _record(_OF_COUNTY, "vendors", "Tamber County WIC Vendor Locations", "_etl;Food;social service"),
    _record(_OF_COUNTY, "census-tracts", "Tamber County Census Tracts 2016",
            "_etl;arcgis;boundaries;census;sd;service definition", temporal_coverage="2016"),
    _record(_OF_COUNTY, "river-gauges", "River gauges, 1971-1979", "hydrology", temporal_coverage="1971/1979"),
    _record(_OF_CITY, "arrests", "Harrow Bend Arrest Data", "_etl;arrest;harvested;harrow bend",
            temporal_coverage="1998-01-01/present"),
    _record(_OF_CITY, "permits", "City of Harrow Bend Building Permits",
            "Building-Permits;construction;harrow bend"),
    _record(_OF_CITY, "neighborhoods", "Neighborhoods", "_etl;geography;harrow bend;harvested"),
    _record(_OF_CITY, "parks", "City of Harrow Bend Parks", "_etl;Recreation;parks"),
    _record(_OF_CITY, "playgrounds", "City of Harrow Bend Playgrounds", "_etl;fun;swings",
            places=["Mill Bottom"], geographic_unit="Neighborhood"),
    _record(_OF_CITY, "fire-1911", "Fire alarms, 1911", "fire", temporal_start="1911", temporal_end="1911"),
    _record(_OF_CITY, "school-attendance", "Public Schools Attendance Boundaries", "attendance;schools"),
    _record(_OF_CITY, "tax-clinics", "Free Tax Clinics", "_etl;volunteer"),
    _record(_OF_CITY, "treasury", "City Treasury Sales", "_etl;harrow bend;treasury"),
    _record(_OF_CITY, "zoning", "Riverfront Zoning Overlay", "harrow bend;harvested;zoning"),
    _record(_OF_CENTER, "stormwater", "Stormwater Projects", "green infrastructure;Stormwater",
            groups="environment"),
    _record(_OF_CENTER, "gardens", "Food Gardens", "community garden;farms;food", groups="environment"),
    _record(_OF_CENTER, "test-rows", "Test Map of Data", "map;data;_profiles"),
    _record("bike-harrow", "bike-map", "BikeHarrow's Bike Map", "bicycling;maps;trails",
            groups="transportation"),
    _record("friends", "friends-childhood", "Early years in the valley", "early-childhood;child care"),
    _record("friends", "friends-records", "Letters of the settlement house", "letters",
            collection="Settlement House Records"),
)  # fmt: skip

# A dataset, another, and a reason that tells why they go together.
RELATED = (
    ("county-hotspots", "hbl-wifi", "both about WiFi"),
    ("county-wireless", "hbl-wifi", "both in Civic Vitality & Governance"),
    # The group alone, and nothing better.
    ("county-boundary", "hbl-wifi", "both in Civic Vitality & Governance"),
    ("profiles-1974", "arrests", "both about Arrests"),
    ("arrests", "profiles-1974", "both about arrest"),
    ("permits", "profiles-1974", "both about Building-Permits"),
    ("parks", "profiles-1974", "both about Recreation"),
    ("neighborhoods", "profiles-1974", "both about Neighborhoods"),
    ("neighborhoods", "atlas-1977", "both about Neighborhoods"),
    ("assessments", "atlas-1977", "both about real estate"),
    ("foreclosures", "atlas-1977", "both about mortgage loan"),
    ("jail-census", "atlas-1977", "both about Crimes"),
    ("playgrounds", "tenements", "same neighborhood: Mill Bottom"),
    ("fire-1911", "tenements", "also from the 1910s"),
    ("river-gauges", "profiles-1974", "also from the 1970s"),
    ("river-gauges", "atlas-1977", "also from the 1970s"),
    ("census-tracts", "census-relations", "both about Census Tracts"),
    ("stormwater", "green-siting", "both about green infrastructure, Stormwater"),
    ("green-siting", "stormwater", "both about green-infrastructure, storm water"),
    ("vendors", "settlement-house", "both about social service"),
    ("vendors", "summer-meals", "both about Food"),
    ("gardens", "seed-library", "both about community garden"),
    ("tax-clinics", "tax-help", "both about volunteer, Tax"),
    ("friends-childhood", "program-attendance", "both about early-childhood"),
    ("friends-records", "settlement-house", "both from the collection Settlement House Records"),
)
# What they share says nothing: marks of programs, the region, the publisher, general words, an
# open period, generic words of titles.
UNRELATED = (
    ("zoning", "program-attendance"),
    ("arrests", "program-attendance"),
    ("county-hotspots", "program-attendance"),
    ("vendors", "library-locations"),
    ("assessments", "census-relations"),
    ("weights", "tenements"),
    ("treasury", "atlas-1977"),
    ("neighborhoods", "program-attendance"),
    ("smoking", "tenements"),
    ("arrests", "tenements"),
    ("test-rows", "library-locations"),
    ("bike-map", "library-locations"),
    ("bike-map", "hbl-wifi"),
    ("census-tracts", "green-siting"),
    ("school-attendance", "program-attendance"),
)

# What no rule of ours tells apart: one word, held by few, for two things.
MISTAKEN = (("jail-census", "census-relations"),)


def portal(fillers: int) -> list[Record]:
    """The records, and as many others of the county and the city as make values common or rare."""
    more = [
        _record(
            (_OF_COUNTY, _OF_CITY)[number % 2],
            f"filler-{number}",
            (f"Tamber County Layer {number}", f"City of Harrow Bend Layer {number}")[number % 2],
            ("_etl;tamber county", "harrow bend;harvested")[number % 2],
            groups="civic-vitality" if number < 6 else "",
        )
        for number in range(fillers)
    ]
    return [*RECORDS, *more]
