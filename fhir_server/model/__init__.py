"""What a resource is: JSON and XML formats, primitive types, references, issues. Knows no other room of the house."""
