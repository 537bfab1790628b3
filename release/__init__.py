"""What a release is made of: what stands in it, under which licences, and the same bytes twice."""
