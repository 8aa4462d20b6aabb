"""Pure decisions: values in, values out. No clock, network or asyncio."""
