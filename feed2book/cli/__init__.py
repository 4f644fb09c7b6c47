"""The Click commands: flags → options → pipeline → print."""
