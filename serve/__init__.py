"""The desk for other programs and for browsers: HTTP, a chat endpoint, MCP, a web page, a widget."""
