"""Names of FEEL itself that hold spaces; the tokenizer knows them in every text (DMN 1.5 §10.3.4)."""

TYPE_NAMES = ("date and time", "days and time duration", "years and months duration")
PROPERTY_NAMES = ("start included", "end included", "time offset")
FUNCTION_NAMES = (
    "string length",
    "upper case",
    "lower case",
    "substring before",
    "substring after",
    "starts with",
    "ends with",
    "string join",
    "list contains",
    "list replace",
    "insert before",
    "index of",
    "distinct values",
    "get value",
    "get entries",
    "context put",
    "context merge",
    "round up",
    "round down",
    "round half up",
    "round half down",
    "met by",
    "overlaps before",
    "overlaps after",
    "finished by",
    "started by",
    "day of year",
    "day of week",
    "month of year",
    "week of year",
)
MANY_WORD_NAMES = TYPE_NAMES + PROPERTY_NAMES + FUNCTION_NAMES
