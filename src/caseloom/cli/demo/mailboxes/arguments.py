"""What the service `mailboxes` is told on its command line."""

from argparse import ArgumentParser
from pathlib import Path


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where the mails lie")
    parser.add_argument("--smtp", type=int, required=True, help="port that takes mail for the customers")
    parser.add_argument("--web", type=int, required=True, help="port of the web page")
    parser.add_argument("--imap", type=int, default=0, help="port of the IMAP server; 0 for none")
    parser.add_argument("--house", default="127.0.0.1:2525", help="where the house takes mail (%(default)s)")
