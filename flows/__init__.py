"""Everything that touches the world: configuration, steps, validation, tracking, the pipeline.

Importing it turns off the telemetry and chatter of the libraries below, unless the environment already says otherwise:
they read these variables when they are imported, so this is the one place that comes before all of them.
"""

import os

QUIET = {
    "DO_NOT_TRACK": "true",  # MLflow ignores "1"
    "DVC_NO_ANALYTICS": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # two lines for every run on a tracking server
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
}

for _name, _value in QUIET.items():
    os.environ.setdefault(_name, _value)
