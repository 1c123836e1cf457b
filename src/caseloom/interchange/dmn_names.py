"""Names that the readers and writers of DMN share: namespaces of each version, and attributes of elements."""

MODEL = {
    "1.1": "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "1.2": "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "1.4": "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "1.5": "https://www.omg.org/spec/DMN/20230324/MODEL/",
}
VERSION = {namespace: version for version, namespace in MODEL.items()}
FEEL = {
    "1.1": "http://www.omg.org/spec/FEEL/20140401",
    "1.2": "http://www.omg.org/spec/DMN/20180521/FEEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/FEEL/",
    "1.4": "https://www.omg.org/spec/DMN/20211108/FEEL/",
    "1.5": "https://www.omg.org/spec/DMN/20230324/FEEL/",
}
FEEL_NAMESPACES = frozenset(FEEL.values())

# DMN 1.1 writes types as QNames: these belong to FEEL.
FEEL_TYPES = frozenset(
    {
        "Any",
        "boolean",
        "context",
        "date",
        "date and time",
        "dateTime",
        "days and time duration",
        "dayTimeDuration",
        "list",
        "number",
        "string",
        "time",
        "years and months duration",
        "yearMonthDuration",
    }
)
