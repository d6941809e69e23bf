"""Package metadata: one namespace package, its data, and three plugins."""
from __future__ import annotations

from pathlib import Path

from setuptools import find_namespace_packages, setup

HERE = Path(__file__).parent
PACKAGE = "ckanext.civicswitchboard"
PACKAGES = find_namespace_packages(include=[PACKAGE, f"{PACKAGE}.*"])

setup(
    name="ckanext-civicswitchboard",
    version="0.1.0",
    description="Libraries as full partners of a civic data portal",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="AGPL-3.0-or-later",
    license_files=["LICENSE"],
    classifiers=[
        "Framework :: CKAN",
        "Programming Language :: Python :: 3",
        "Topic :: Internet :: WWW/HTTP",
    ],
    python_requires=">=3.10",
    packages=[*PACKAGES, f"{PACKAGE}.schemas"],
    # The shipped schema is at the top of the repository, where librarians look for it.
    package_dir={f"{PACKAGE}.schemas": "schemas"},
    package_data={PACKAGE: ["**/*"], f"{PACKAGE}.schemas": ["**/*.yaml"]},
    install_requires=[
        "ckan==2.12.*",
        "ckanext-scheming>=3.1,<4",
        "ckanext-spatial>=2.3,<3",
        "pydantic>=2.12,<3",
        "google-re2>=1.1",
        "rdflib>=7,<8",
        "shapely>=2,<3",
    ],
    entry_points={
        "ckan.plugins": [
            f"civicswitchboard = {PACKAGE}.plugin:CivicswitchboardPlugin",
            f"civicswitchboard_datasets = {PACKAGE}.plugin:CivicswitchboardDatasetsPlugin",
            f"civicswitchboard_organizations = {PACKAGE}.plugin:CivicswitchboardOrganizationsPlugin",
        ]
    },
)
