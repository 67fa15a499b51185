"""Stock, pick-ups and products as operators, tills and the shop ask and change them: JSON that the API answers and
pages show. Every function says what it refuses as an answer of HTTP."""
