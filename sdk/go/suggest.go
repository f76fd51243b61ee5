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

// distance is the edit distance of two words, where two neighbours that changed places are one error (F. J. Damerau: A Technique for
// Computer Detection and Correction of Spelling Errors, 1964).
func distance(a, b []rune) int {
	older, old, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		older, old, row = old, row, older
		row[0] = i
		for j := 1; j <= len(b); j++ {
			least := old[j-1]
			if a[i-1] != b[j-1] {
				least++
			}
			least = min(least, old[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				least = min(least, older[j-2]+1)
			}
			row[j] = least
		}
	}
	return row[len(b)]
}
