"""Tags of the studio."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def at(values: Any, key: Any) -> Any:
    """What a mapping holds under a key; empty where it holds nothing."""
    return values.get(key, "") if isinstance(values, dict) else ""
