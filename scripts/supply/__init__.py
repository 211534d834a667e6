"""What the product consists of that others wrote: pins, licences, the bill of materials, known vulnerabilities."""
