package accounts

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"mooring/accounts/pgtest"
)

// A table that a statement is given is the same on both databases.
func TestGiven(t *testing.T) {
	t.Parallel()
	type row struct {
		Name  string  `db:"name"`
		At    instant `db:"at"`
		Bytes []byte  `db:"bytes"`
	}
	pgtest.Both(t, func(t *testing.T, url string) {
		s, err := openStore(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.close() }() // it was only read
		for _, want := range [][]row{
			{{`quoted "{a,b}" \ 'é'`, instant{present()}, []byte{0, 1, 0xff}}, {"", instant{}, []byte{}}},
			{{"NULL", instant{present()}, []byte("again")}},
		} {
			rows, err := given(s.read, []string{"name TEXT", "at BIGINT", "bytes BYTES"}, want, func(r row) []any {
				return []any{r.Name, r.At, r.Bytes}
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []row
			args := append(rows.after(), "nobody")
			if err := list(t.Context(), s.read, &got, "SELECT name, at, bytes FROM "+rows.text+" AS v WHERE name <> ?", args...); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what was given (-want +got):\n%s", diff)
			}
		}
	})
}
