package accounts

import (
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgtype"
)

// table is a table that a statement gets as arguments, to stand behind FROM or
// IN. However many rows it has, the statement is one text, and is prepared once.
type table struct {
	text string
	args []any
}

// given makes a table with a row for each item, in their order. A column is a
// name and its type: TEXT, BIGINT, which alone may be NULL, or BYTES.
//
// PostgreSQL gets an array for each column: of one whose length it does not know
// yet it supposes that it is short, and looks each row up by an index. SQLite
// gets JSON, cast because it would prepare a join anew for another value.
func given[T any](q querier, columns []string, items []T, row func(T) []any) (table, error) {
	cells := make([][]any, len(items))
	for i, item := range items {
		cells[i] = row(item)
		for j, cell := range cells[i] {
			v, err := driver.DefaultParameterConverter.ConvertValue(cell)
			if err != nil {
				return table{}, err
			}
			cells[i][j] = v
		}
	}
	if q.DriverName() == "sqlite3" {
		return jsonTable(columns, cells)
	}
	return arrayTable(columns, cells)
}

// after returns the table's arguments behind others.
func (t table) after(others ...any) []any { return append(others, t.args...) }

// givenIDs is given for one column of ids.
func givenIDs(q querier, ids []string) (table, error) {
	return given(q, []string{"id TEXT"}, ids, func(id string) []any { return []any{id} })
}

func jsonTable(columns []string, cells [][]any) (table, error) {
	terms := make([]string, len(columns))
	for i, column := range columns {
		name, kind, _ := strings.Cut(column, " ")
		if kind != "BYTES" {
			terms[i] = fmt.Sprintf("CAST(value ->> %d AS %s) AS %s", i, kind, name)
			continue
		}
		terms[i] = fmt.Sprintf("unhex(value ->> %d) AS %s", i, name)
		for _, row := range cells {
			b, _ := row[i].([]byte)
			row[i] = hex.EncodeToString(b)
		}
	}
	text, err := json.Marshal(cells)
	return table{
		text: "(SELECT " + strings.Join(terms, ", ") + " FROM json_each(CAST(? AS TEXT)))",
		args: []any{string(text)},
	}, err
}

func arrayTable(columns []string, cells [][]any) (table, error) {
	t := table{args: make([]any, len(columns))}
	names, arrays := make([]string, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		name, kind, _ := strings.Cut(column, " ")
		switch kind {
		case "TEXT":
			t.args[i] = columnOf(cells, i, func(v any) string { s, _ := v.(string); return s })
		case "BIGINT":
			t.args[i] = columnOf(cells, i, func(v any) pgtype.Int8 { n, some := v.(int64); return pgtype.Int8{Int64: n, Valid: some} })
		case "BYTES":
			kind = "BYTEA"
			t.args[i] = columnOf(cells, i, func(v any) []byte { b, _ := v.([]byte); return b })
		}
		names[i], arrays[i] = name, "CAST(? AS "+kind+"[])"
	}
	t.text = "(SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ") AS u (" + strings.Join(names, ", ") + "))"
	return t, nil
}

func columnOf[T any](cells [][]any, i int, value func(any) T) []T {
	column := make([]T, len(cells))
	for j, row := range cells {
		column[j] = value(row[i])
	}
	return column
}
