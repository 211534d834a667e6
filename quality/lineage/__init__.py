"""From a published number back to what it rests on: meters, readings, documents, people, rules and code."""
