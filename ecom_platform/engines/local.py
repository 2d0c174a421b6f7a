"""JVM Spark on this machine through dagster-pyspark: for parity with Spark itself.

Belongs here: starting local Spark. Not here: settings that other engines share.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from ecom_platform.engines.session import PORTABLE_CONFIG
from ecom_platform.errors import EngineUnavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def open_local_session() -> SparkSession:
    """Start Spark in `local[*]` mode, once a process.

    Raises:
        EngineUnavailable: no Java on the PATH.
    """
    if shutil.which("java") is None:
        raise EngineUnavailable(
            "engine local runs on the JVM and no java is on the PATH; "
            "install Java 17 or 21, or set ECOM_ENGINE=sail"
        )
    from dagster_pyspark import LazyPySparkResource

    resource = LazyPySparkResource(
        spark_config={
            **PORTABLE_CONFIG,
            "spark.master": "local[*]",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.memory": "4g",
            "spark.sql.shuffle.partitions": "8",
        }
    )
    session: SparkSession = resource.spark_session
    session.sparkContext.setLogLevel("ERROR")  # its warnings are about plans, not about results
    return session
