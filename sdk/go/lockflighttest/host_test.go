package lockflighttest_test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"lockflight"
	"lockflight/lockflighttest"
)

type nothing struct{}

var schema = lockflight.Schema{Fields: []lockflight.Field{
	{Name: "mass", Format: lockflight.FormatFloat64, Nullable: true},
	{Name: "seen", Format: "tsm:UTC", Nullable: true},
	{Name: "born", Format: lockflight.FormatDate},
	{Name: "ok", Format: lockflight.FormatBool, Nullable: true},
	{Name: "name", Format: lockflight.FormatText, Nullable: true},
}}

func columns() []lockflight.NewColumn {
	return []lockflight.NewColumn{
		lockflight.Float64s([]float64{1.5, 0, 3}, []bool{false, true, false}),
		lockflight.Int64s([]int64{1, 2, 0}, []bool{false, false, true}),
		lockflight.Int32s([]int32{-1, 0, 1}, nil),
		lockflight.Bools([]bool{true, false, true}, []bool{false, false, true}),
		lockflight.Texts([]string{"a", "", "ßß"}, []bool{false, true, false}),
	}
}

// inside runs a function with a job of the host.
func inside(t *testing.T, host *lockflighttest.Host, function func(job *lockflight.Job)) {
	t.Helper()
	_, err := lockflighttest.Run(host, func(job *lockflight.Job, _ nothing) (int, error) { function(job); return 0, nil })
	if err != nil {
		t.Fatal(err)
	}
}

func TestColumnsAreReadInEveryBatchSize(t *testing.T) {
	host := lockflighttest.New(t).Table("table", schema, columns()...)
	for _, rows := range []uint32{0, 1, 2} {
		var seen []string
		inside(t, host, func(job *lockflight.Job) {
			for batch := range job.Table("table").ScanRows(rows, "name", "mass", "seen", "born", "ok") {
				mass, err1 := batch.Float64("mass")
				seenAt, err2 := batch.Times("seen")
				born, err3 := batch.Times("born")
				ok, err4 := batch.Bool("ok")
				name, err5 := batch.Text("name")
				numbers, err6 := batch.Numbers("ok")
				if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
					t.Fatal(err)
				}
				for row := range batch.Rows {
					line := fmt.Sprint(numbers[row])
					add := func(value any, known bool) {
						if !known {
							value = "null"
						}
						line += fmt.Sprint(" ", value)
					}
					add(mass.At(row))
					add(seenAt.At(row))
					add(born.At(row))
					add(ok.At(row))
					add(name.At(row))
					seen = append(seen, line)
				}
				if _, dense := mass.Dense(); dense && rows == 0 {
					t.Error("a column with a null was given without its nulls")
				}
			}
		})
		expected := []string{"1 1.5 1000000 -86400000000000 true a", "0 null 2000000 0 false null", "NaN 3 null 86400000000000 null ßß"}
		if !slices.Equal(seen, expected) {
			t.Errorf("%d rows at a time:\n%s", rows, strings.Join(seen, "\n"))
		}
	}
}

func TestWrongTypesAndNamesAreErrors(t *testing.T) {
	host := lockflighttest.New(t).Table("table", schema, columns()...)
	inside(t, host, func(job *lockflight.Job) {
		for batch := range job.Table("table").Scan() {
			if _, err := batch.Float64("name"); err == nil || !strings.Contains(err.Error(), `"name" has the format u`) {
				t.Error(err)
			}
			if _, err := batch.Float64("nmae"); err == nil || !strings.Contains(err.Error(), `no column "nmae"`) {
				t.Error(err)
			}
		}
	})
}

func TestTimesThatDoNotFitAreErrorsOfTheData(t *testing.T) {
	seconds := lockflight.Schema{Fields: []lockflight.Field{{Name: "at", Format: "tss:", Nullable: true}}}
	host := lockflighttest.New(t).Table("table", seconds, lockflight.Int64s([]int64{math.MaxInt64, 1 << 40}, []bool{true, false}))
	inside(t, host, func(job *lockflight.Job) {
		for batch := range job.Table("table").Scan() {
			var data *lockflight.DataError
			if _, err := batch.Times("at"); !errors.As(err, &data) {
				t.Error(err)
			}
		}
	})
}

func TestTablesAreWrittenWholeAndRowByRow(t *testing.T) {
	host := lockflighttest.New(t)
	inside(t, host, func(job *lockflight.Job) {
		writer := job.NewTable(schema)
		if err := writer.Write(columns()...); err != nil {
			t.Fatal(err)
		}
		if err := writer.Append(2.5, nil, 7, false, "b"); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range [][]any{{1, nil, 7, false, "b"}, {nil, nil, nil, nil, nil}, {nil}, {nil, nil, 1 << 40, nil, nil}} {
			if err := writer.Append(wrong...); err == nil {
				t.Errorf("%v was taken", wrong)
			}
		}
		if err := writer.Write(columns()[:4]...); err == nil {
			t.Error("four columns were taken for five fields")
		}
		written := host.Written(lockflight.Table("table", writer))
		if written.Rows() != 4 || written.Batches() != 2 {
			t.Errorf("%d rows in %d batches", written.Rows(), written.Batches())
		}
		for row, expected := range []string{"1.5 1 -1 true a", "null 2 0 false null", "3 null 1 null ßß", "2.5 null 7 false b"} {
			if got := strings.Join(written.Row(row), " "); got != expected {
				t.Errorf("row %d is %s", row, got)
			}
		}
	})
}

func TestManyRowsAreWrittenInBlocks(t *testing.T) {
	host := lockflighttest.New(t)
	inside(t, host, func(job *lockflight.Job) {
		writer := job.NewTable(lockflight.Schema{Fields: []lockflight.Field{{Name: "n", Format: lockflight.FormatInt64}}})
		for n := range 65_537 {
			if err := writer.Append(n); err != nil {
				t.Fatal(err)
			}
		}
		written := host.Written(lockflight.Table("table", writer))
		if written.Batches() != 2 || written.Rows() != 65_537 || written.Row(65_536)[0] != "65536" {
			t.Error(written.Batches(), written.Rows())
		}
	})
}

func TestBlobsAreReadAndWritten(t *testing.T) {
	host := lockflighttest.New(t).Blob("file", []byte("hello world")).State([]byte("before"))
	inside(t, host, func(job *lockflight.Job) {
		text, err := io.ReadAll(io.LimitReader(job.Blob("file"), 5))
		if err != nil || string(text) != "hello" || string(job.State().All()) != "before" {
			t.Error(string(text), err)
		}
		blob := job.NewBlob()
		fmt.Fprintf(blob, "%d lines", 3)
		if string(host.Bytes(blob)) != "3 lines" {
			t.Error(string(host.Bytes(blob)))
		}
	})
}

func TestInputsThatAreMissingAreProblems(t *testing.T) {
	host := lockflighttest.New(t).Blob("file", nil).Pending("later", nil)
	inside(t, host, func(job *lockflight.Job) {
		_, missing := job.TableInput("table")
		_, other := job.TableInput("file")
		input, fine := job.TableInput("later")
		if missing == nil || other == nil || fine != nil || input.Available || input.Schema != nil {
			t.Error(missing, other, fine)
		}
	})
}

func TestTheLogAndMetricsAreKept(t *testing.T) {
	host := lockflighttest.New(t)
	inside(t, host, func(job *lockflight.Job) {
		job.Infof("%d rows", 3)
		job.Metric("rmse", 0.5)
		job.MetricAt(2, "loss", 0.25)
	})
	if host.Log[0] != "info: 3 rows" || !slices.Equal(host.Metrics, []string{"rmse=0.5", "loss[2]=0.25"}) {
		t.Error(host.Log, host.Metrics)
	}
}

func TestFindingsAreWeighed(t *testing.T) {
	findings := []lockflight.Finding{{Verdict: lockflight.Pass}, {Verdict: lockflight.Inconclusive}}
	if lockflight.Worst(nil) != lockflight.Pass || lockflight.Worst(findings) != lockflight.Inconclusive {
		t.Error("nothing is worse than inconclusive here")
	}
	findings = append(findings, lockflight.Finding{Verdict: lockflight.Warn}, lockflight.Finding{Verdict: lockflight.Pass})
	if lockflight.Worst(findings) != lockflight.Warn {
		t.Error(lockflight.Worst(findings))
	}
}
