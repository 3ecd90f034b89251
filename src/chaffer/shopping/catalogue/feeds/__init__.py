"""The catalogue as files: how each format is read and written. Where products go to and come from is not known here."""
