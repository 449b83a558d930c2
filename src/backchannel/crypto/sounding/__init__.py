"""Which options would everybody accept: all learn that and no more (docs/spec/sounding.md). A pure protocol."""
