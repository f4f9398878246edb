"""Numbers, sentences and tables as text. Pure; runs in the app and in commands, imports `snapshot` and below."""
