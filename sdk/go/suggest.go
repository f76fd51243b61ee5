package lockflight

// nearest is the one of the words that a misspelt one was probably meant to be; empty if none is near.
func nearest(word string, known []string) string {
	// One typing error in three letters is still near.
	best, near := max(1, len(word)/3)+1, ""
	for _, candidate := range known {
		if far := distance([]rune(word), []rune(candidate)); far < best {
			best, near = far, candidate
		}
	}
	return near
}

// distance is the edit distance of two words (V. I. Levenshtein, 1966).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, letter := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if letter != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
