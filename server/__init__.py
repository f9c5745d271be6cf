"""The MCP surface: server, transports, command line, settings, rendering of reports."""
