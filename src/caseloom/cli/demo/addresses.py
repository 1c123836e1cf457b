"""Names and addresses of the demo, and the seed that it is made from."""

from typing import Final

NAME: Final = "Lindholt Bank & Net"
DOMAIN: Final = "lindholt.example"
"""Reserved for examples (RFC 2606): no mail of the demo ever leaves the machine."""
HOUSE_ADDRESS: Final = f"service@{DOMAIN}"
MAIL_DOMAIN: Final = "mailhaus.example"
"""Where its customers have their mail."""
SEED: Final = 7
