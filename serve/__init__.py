"""The service: questions over HTTP, chat and MCP, and what its users leave behind."""
