"""A partner of HL7 v2 in the destinations' file, to be formatted with its port, what it is sent and more settings."""

TABLE = """[gam]
transport = "mllp"
host = "127.0.0.1"
port = {port}
tls = false
[gam.hl7v2]
application = "GAM"
facility = "CHU-EXEMPLE"
from_facility = "DAC-EXEMPLE"
sends = {sends}
{more}
"""
ALL = ["ADT^A28", "ADT^A31", "MDM^T02", "MDM^T10"]
