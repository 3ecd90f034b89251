"""The wires to language models, and the minds that speak over them. Providers are imported when first used."""
