"""The same as request.go with what Python's scripts commonly use."""
import argparse
import sys

import requests

parser = argparse.ArgumentParser()
parser.add_argument("--url", required=True)
parser.add_argument("-m", "--method", default="GET")
parser.add_argument("--json", help="body, sent as application/json")
parser.add_argument("--timeout", type=float, default=5)
arguments = parser.parse_args()
headers = {"Content-Type": "application/json"} if arguments.json else {}
try:
    response = requests.request(
        arguments.method, arguments.url, data=arguments.json, headers=headers, timeout=arguments.timeout
    )
    response.raise_for_status()
except requests.RequestException as error:
    sys.exit(str(error))
sys.stdout.write(response.text)
